//! CreateIPSet.

use neargate_api::model::wafv2::IpSet;
use neargate_api::types::wafv2::{CreateIPSetRequest, CreateIPSetResponse, IPSetSummary};
use neargate_api::{AwsError, Ctx};

use crate::{error, scope, tags};

pub async fn call(ctx: Ctx, input: CreateIPSetRequest) -> Result<CreateIPSetResponse, AwsError> {
    scope::check(&ctx, &input.scope)?;
    super::check_addresses(&input.ip_address_version, &input.addresses)?;
    let (id, lock_token) = (ctx.rng().uuid(), ctx.rng().uuid());
    let made = IpSet {
        arn: super::resource(&ctx, &input.scope, &input.name, &id),
        region: ctx.region.clone(),
        scope: input.scope,
        name: input.name,
        id,
        lock_token,
        description: input.description,
        version: input.ip_address_version,
        addresses: input.addresses,
        tags: tags::read(input.tags)?,
    };
    ctx.write(move |tx| {
        let same = |other: &IpSet| {
            other.region == made.region && other.scope == made.scope && other.name == made.name
        };
        if tx.all::<IpSet>().any(|other| same(&other)) {
            return Err(error::duplicate());
        }
        let summary = summary(&made);
        tx.put(made);
        Ok(CreateIPSetResponse { summary: Some(summary) })
    })
    .await
}

/// An IP set as lists show it.
pub fn summary(of: &IpSet) -> IPSetSummary {
    IPSetSummary {
        arn: Some(of.arn.clone()),
        description: Some(of.description.clone().unwrap_or_default()),
        id: Some(of.id.clone()),
        lock_token: Some(of.lock_token.clone()),
        name: Some(of.name.clone()),
    }
}
