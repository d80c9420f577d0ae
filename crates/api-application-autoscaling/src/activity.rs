//! Scaling activities: what was scaled, and why; kept for six weeks.

use neargate_api::model::application_autoscaling::ScalingActivity;
use neargate_api::types::application_autoscaling::{
    self as wire, DescribeScalingActivitiesRequest, DescribeScalingActivitiesResponse, error,
};
use neargate_api::{AwsError, Ctx, Record, Stored};

use crate::pages;

/// Six weeks, for which AWS shows an activity.
const SHOWN_FOR_SECS: i64 = 42 * 24 * 60 * 60;

/// The activity of a desired count that was set.
pub fn fulfilled(
    ctx: &Ctx,
    target: &wire::ScalableTarget,
    count: u32,
    cause: String,
) -> ScalingActivity {
    let shown = wire::ScalingActivity {
        activity_id: ctx.rng().uuid(),
        cause,
        description: format!("Setting desired count to {count}."),
        end_time: Some(ctx.now),
        resource_id: target.resource_id.clone(),
        scalable_dimension: target.scalable_dimension.clone(),
        service_namespace: target.service_namespace.clone(),
        start_time: ctx.now,
        status_code: "Successful".into(),
        status_message: Some(format!(
            "Successfully set desired count to {count}. Change successfully fulfilled by ecs."
        )),
        ..Default::default()
    };
    ScalingActivity { region: ctx.region.clone(), started_at: ctx.now, shown: Stored(shown) }
}

/// DescribeScalingActivities: the newest first.
pub async fn describe(
    ctx: Ctx,
    input: DescribeScalingActivitiesRequest,
) -> Result<DescribeScalingActivitiesResponse, AwsError> {
    if input.scalable_dimension.is_some() && input.resource_id.is_none() {
        return Err(error::validation_exception(
            "ResourceId must be specified when ScalableDimension is.",
        ));
    }
    let snapshot = ctx.snapshot();
    let oldest = ctx.now.plus_secs(-SHOWN_FOR_SECS);
    let prefix = format!("{}/{}:", ctx.region, input.service_namespace);
    let found = snapshot.scan::<ScalingActivity>(&prefix).filter(|activity| {
        let shown = &activity.shown;
        activity.started_at >= oldest
            && input.resource_id.as_ref().is_none_or(|id| *id == shown.resource_id)
            && input.scalable_dimension.as_ref().is_none_or(|d| *d == shown.scalable_dimension)
    });
    let page = pages::of(found, |a| a.key(), input.next_token.as_deref(), input.max_results)?;
    Ok(DescribeScalingActivitiesResponse {
        scaling_activities: Some(page.items.iter().map(|a| a.shown.0.clone()).collect()),
        next_token: page.next_token,
    })
}
