//! GetTrailStatus: whether a trail logs, and what became of its last delivery.

use neargate_api::model::cloudtrail::Delivery;
use neargate_api::types::cloudtrail::{GetTrailStatusRequest, GetTrailStatusResponse};
use neargate_api::{AwsError, Ctx, Record, Timestamp};

use super::find;

pub async fn call(
    ctx: Ctx,
    input: GetTrailStatusRequest,
) -> Result<GetTrailStatusResponse, AwsError> {
    let trail = find(&ctx, &input.name)?;
    let delivery = ctx.snapshot().get::<Delivery>(&trail.key());
    let delivery = delivery.as_deref();
    let text = |at: Option<Timestamp>| Some(at.map(Timestamp::iso8601_secs).unwrap_or_default());
    let attempted_at = delivery.and_then(|delivery| delivery.attempted_at);
    let failed = delivery.is_some_and(|delivery| delivery.error.is_some());
    let succeeded_at = attempted_at.filter(|_| !failed);
    Ok(GetTrailStatusResponse {
        is_logging: Some(trail.logging),
        latest_cloud_watch_logs_delivery_error: delivery.and_then(|d| d.logs_error.clone()),
        latest_cloud_watch_logs_delivery_time: delivery.and_then(|d| d.logs_delivered_at),
        latest_delivery_attempt_succeeded: text(succeeded_at),
        latest_delivery_attempt_time: text(attempted_at),
        latest_delivery_error: delivery.and_then(|d| d.error.clone()),
        latest_delivery_time: delivery.and_then(|d| d.delivered_at),
        latest_digest_delivery_error: None,
        latest_digest_delivery_time: None,
        latest_notification_attempt_succeeded: text(None),
        latest_notification_attempt_time: text(None),
        latest_notification_error: None,
        latest_notification_time: None,
        start_logging_time: trail.started_at,
        stop_logging_time: trail.stopped_at,
        time_logging_started: text(trail.started_at),
        time_logging_stopped: text(trail.stopped_at),
    })
}
