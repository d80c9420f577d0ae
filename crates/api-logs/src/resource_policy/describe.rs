//! DescribeResourcePolicies: the region's, or a group's.

use neargate_api::model::logs::ResourcePolicy;
use neargate_api::types::logs::{
    DescribeResourcePoliciesRequest, DescribeResourcePoliciesResponse,
};
use neargate_api::{AwsError, Ctx, Record};

use crate::{pages, resource_policy};

pub async fn call(
    ctx: Ctx,
    input: DescribeResourcePoliciesRequest,
) -> Result<DescribeResourcePoliciesResponse, AwsError> {
    let of_groups = input.policy_scope.as_deref() == Some("RESOURCE");
    let arn = input.resource_arn.as_deref().map(|arn| arn.strip_suffix(":*").unwrap_or(arn));
    let snapshot = ctx.snapshot();
    let asked = snapshot.scan::<ResourcePolicy>(&format!("{}/", ctx.region)).filter(|policy| {
        policy.resource_arn.is_some() == (of_groups || arn.is_some())
            && arn.is_none_or(|arn| policy.resource_arn.as_deref() == Some(arn))
    });
    let token = input.next_token.as_deref();
    let page = pages::of(asked, |policy| policy.key(), token, input.limit)?;
    let shown = page.items.iter().map(|policy| resource_policy::shown(policy));
    Ok(DescribeResourcePoliciesResponse {
        resource_policies: Some(shown.collect()),
        next_token: page.next_token,
    })
}
