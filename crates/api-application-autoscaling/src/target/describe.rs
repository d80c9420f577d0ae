//! DescribeScalableTargets.

use neargate_api::model::application_autoscaling::ScalableTarget;
use neargate_api::types::application_autoscaling::{
    DescribeScalableTargetsRequest, DescribeScalableTargetsResponse,
};
use neargate_api::{AwsError, Ctx, Record};

use crate::pages;

pub async fn call(
    ctx: Ctx,
    input: DescribeScalableTargetsRequest,
) -> Result<DescribeScalableTargetsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = format!("{}/{}:", ctx.region, input.service_namespace);
    let found = snapshot.scan::<ScalableTarget>(&prefix).filter(|target| {
        let shown = &target.shown;
        let asked = |ids: &Vec<String>| ids.is_empty() || ids.contains(&shown.resource_id);
        input.resource_ids.as_ref().is_none_or(asked)
            && input.scalable_dimension.as_ref().is_none_or(|d| *d == shown.scalable_dimension)
    });
    let page = pages::of(found, |t| t.key(), input.next_token.as_deref(), input.max_results)?;
    Ok(DescribeScalableTargetsResponse {
        scalable_targets: Some(page.items.iter().map(|target| target.shown.0.clone()).collect()),
        next_token: page.next_token,
    })
}
