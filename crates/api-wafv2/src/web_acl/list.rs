//! ListWebACLs.

use neargate_api::model::wafv2::WebAcl;
use neargate_api::types::wafv2::{ListWebACLsRequest, ListWebACLsResponse};
use neargate_api::{AwsError, Ctx};

use super::create::summary;
use crate::{pages, scope};

pub async fn call(ctx: Ctx, input: ListWebACLsRequest) -> Result<ListWebACLsResponse, AwsError> {
    scope::check(&ctx, &input.scope)?;
    let snapshot = ctx.snapshot();
    let here = |acl: &WebAcl| acl.region == ctx.region && acl.scope == input.scope;
    let all = snapshot.all::<WebAcl>().filter(|acl| here(acl)).collect();
    let page = pages::paged(all, |acl| acl.arn.clone(), input.next_marker.as_deref(), input.limit)?;
    Ok(ListWebACLsResponse {
        next_marker: page.next_token,
        web_acls: Some(page.items.iter().map(|acl| summary(acl)).collect()),
    })
}
