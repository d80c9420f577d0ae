//! DescribeScalingPolicies.

use neargate_api::model::application_autoscaling::ScalingPolicy;
use neargate_api::types::application_autoscaling::{
    DescribeScalingPoliciesRequest, DescribeScalingPoliciesResponse,
};
use neargate_api::{AwsError, Ctx, Record};

use crate::pages;

pub async fn call(
    ctx: Ctx,
    input: DescribeScalingPoliciesRequest,
) -> Result<DescribeScalingPoliciesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = format!("{}/{}:", ctx.region, input.service_namespace);
    let found = snapshot.scan::<ScalingPolicy>(&prefix).filter(|policy| {
        let shown = &policy.shown;
        let asked = |names: &Vec<String>| names.is_empty() || names.contains(&shown.policy_name);
        input.policy_names.as_ref().is_none_or(asked)
            && input.resource_id.as_ref().is_none_or(|id| *id == shown.resource_id)
            && input.scalable_dimension.as_ref().is_none_or(|d| *d == shown.scalable_dimension)
    });
    let page = pages::of(found, |p| p.key(), input.next_token.as_deref(), input.max_results)?;
    Ok(DescribeScalingPoliciesResponse {
        scaling_policies: Some(page.items.iter().map(|policy| policy.shown.0.clone()).collect()),
        next_token: page.next_token,
    })
}
