//! ListIPSets.

use neargate_api::model::wafv2::IpSet;
use neargate_api::types::wafv2::{ListIPSetsRequest, ListIPSetsResponse};
use neargate_api::{AwsError, Ctx};

use super::create::summary;
use crate::{pages, scope};

pub async fn call(ctx: Ctx, input: ListIPSetsRequest) -> Result<ListIPSetsResponse, AwsError> {
    scope::check(&ctx, &input.scope)?;
    let snapshot = ctx.snapshot();
    let here = |set: &IpSet| set.region == ctx.region && set.scope == input.scope;
    let all = snapshot.all::<IpSet>().filter(|set| here(set)).collect();
    let page = pages::paged(all, |set| set.arn.clone(), input.next_marker.as_deref(), input.limit)?;
    Ok(ListIPSetsResponse {
        next_marker: page.next_token,
        ip_sets: Some(page.items.iter().map(|set| summary(set)).collect()),
    })
}
