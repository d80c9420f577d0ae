//! The two alarms that a target-tracking policy has AWS manage: above the target for
//! three minutes, and below nine tenths of it for fifteen.

use neargate_api::Ctx;
use neargate_api::types::application_autoscaling as wire;

/// The names and ARNs of a new policy's alarms.
pub fn named(ctx: &Ctx, resource_id: &str, disable_scale_in: bool) -> Vec<wire::Alarm> {
    let kinds: &[&str] = if disable_scale_in { &["High"] } else { &["High", "Low"] };
    kinds
        .iter()
        .map(|kind| {
            let uuid = ctx.rng().uuid();
            let alarm_name = format!("TargetTracking-{resource_id}-Alarm{kind}-{uuid}");
            let alarm_arn = ctx.arn("cloudwatch", format!("alarm:{alarm_name}"));
            wire::Alarm { alarm_arn, alarm_name }
        })
        .collect()
}
