//! UpdateWebACL: everything that a web ACL says is said again.

use neargate_api::model::wafv2::WebAcl;
use neargate_api::types::wafv2::{UpdateWebACLRequest, UpdateWebACLResponse};
use neargate_api::{AwsError, Ctx};

use crate::{error, scope};

pub async fn call(ctx: Ctx, input: UpdateWebACLRequest) -> Result<UpdateWebACLResponse, AwsError> {
    scope::check(&ctx, &input.scope)?;
    let arn = super::resource(&ctx, &input.scope, &input.name, &input.id);
    let next = ctx.rng().uuid();
    ctx.write(move |tx| {
        let found = tx.get::<WebAcl>(&arn).ok_or_else(error::nonexistent)?;
        super::check_lock(&found, &input.lock_token)?;
        let mut changed = WebAcl::clone(&found);
        changed.lock_token.clone_from(&next);
        let acl = &mut changed.acl;
        acl.application_config = input.application_config.or(acl.application_config.take());
        acl.association_config = input.association_config;
        acl.captcha_config = input.captcha_config;
        acl.challenge_config = input.challenge_config;
        acl.custom_response_bodies = input.custom_response_bodies;
        acl.data_protection_config = input.data_protection_config;
        acl.default_action = input.default_action;
        acl.description = input.description;
        acl.monetization_config = input.monetization_config;
        acl.on_source_d_do_s_protection_config = input.on_source_d_do_s_protection_config;
        acl.rules = Some(input.rules.unwrap_or_default());
        acl.token_domains = input.token_domains;
        acl.visibility_config = input.visibility_config;
        acl.capacity = Some(super::check(tx.view(), acl)?);
        tx.put(changed);
        Ok(UpdateWebACLResponse { next_lock_token: Some(next) })
    })
    .await
}
