//! CreateWebACL.

use neargate_api::model::wafv2::WebAcl;
use neargate_api::types::wafv2::{
    CreateWebACLRequest, CreateWebACLResponse, WebACL, WebACLSummary,
};
use neargate_api::{AwsError, Ctx, Stored};

use crate::{error, scope, tags};

pub async fn call(ctx: Ctx, input: CreateWebACLRequest) -> Result<CreateWebACLResponse, AwsError> {
    scope::check(&ctx, &input.scope)?;
    let (id, lock_token) = (ctx.rng().uuid(), ctx.rng().uuid());
    let arn = super::resource(&ctx, &input.scope, &input.name, &id);
    let mut acl = WebACL {
        arn: arn.clone(),
        application_config: input.application_config,
        association_config: input.association_config,
        captcha_config: input.captcha_config,
        challenge_config: input.challenge_config,
        custom_response_bodies: input.custom_response_bodies,
        data_protection_config: input.data_protection_config,
        default_action: input.default_action,
        description: input.description,
        id,
        label_namespace: Some(format!("awswaf:{}:webacl:{}:", ctx.account(), input.name)),
        managed_by_firewall_manager: Some(false),
        monetization_config: input.monetization_config,
        name: input.name,
        on_source_d_do_s_protection_config: input.on_source_d_do_s_protection_config,
        retrofitted_by_firewall_manager: Some(false),
        rules: Some(input.rules.unwrap_or_default()),
        token_domains: input.token_domains,
        visibility_config: input.visibility_config,
        ..WebACL::default()
    };
    acl.capacity = Some(super::check(&ctx.snapshot(), &acl)?);
    let tags = tags::read(input.tags)?;
    let made = WebAcl {
        region: ctx.region.clone(),
        scope: input.scope,
        arn,
        lock_token,
        acl: Stored(acl),
        tags,
    };
    ctx.write(move |tx| {
        let same = |other: &WebAcl| {
            other.region == made.region
                && other.scope == made.scope
                && other.acl.name == made.acl.name
        };
        if tx.all::<WebAcl>().any(|other| same(&other)) {
            return Err(error::duplicate());
        }
        let summary = summary(&made);
        tx.put(made);
        Ok(CreateWebACLResponse { summary: Some(summary) })
    })
    .await
}

/// A web ACL as lists show it.
pub fn summary(of: &WebAcl) -> WebACLSummary {
    WebACLSummary {
        arn: Some(of.arn.clone()),
        description: Some(of.acl.description.clone().unwrap_or_default()),
        id: Some(of.acl.id.clone()),
        lock_token: Some(of.lock_token.clone()),
        name: Some(of.acl.name.clone()),
    }
}
