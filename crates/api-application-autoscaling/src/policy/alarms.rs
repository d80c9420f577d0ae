//! The two alarms that a target-tracking policy has AWS manage: above the target for
//! three minutes, and below nine tenths of it for fifteen.

use neargate_api::types::application_autoscaling::{self as wire, error};
use neargate_api::types::cloudwatch::PutMetricAlarmInput;
use neargate_api::{AwsError, Ctx, Tx};
use neargate_api_cloudwatch::managed;

use super::metric;

/// One of a policy's alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    High,
    Low,
}

impl Kind {
    /// What its name has: `-AlarmHigh-`.
    fn mark(self) -> &'static str {
        match self {
            Kind::High => "-AlarmHigh-",
            Kind::Low => "-AlarmLow-",
        }
    }

    /// Operator, share of the target, and evaluated periods, as AWS has them.
    fn condition(self) -> (&'static str, f64, i32) {
        match self {
            Kind::High => ("GreaterThanThreshold", 1.0, 3),
            Kind::Low => ("LessThanThreshold", 0.9, 15),
        }
    }
}

/// Makes the alarms of a policy, or changes those that it has; removes the lower one where
/// scaling in is disabled. The policy shows what it has then.
pub fn manage(tx: &mut Tx, ctx: &Ctx, policy: &mut wire::ScalingPolicy) -> Result<(), AwsError> {
    let Some(tracking) = policy.target_tracking_scaling_policy_configuration.clone() else {
        policy.alarms = Some(Vec::new());
        return Ok(());
    };
    let present = policy.alarms.take().unwrap_or_default();
    let mut alarms = Vec::new();
    for kind in [Kind::High, Kind::Low] {
        let has = present.iter().find(|alarm| alarm.alarm_name.contains(kind.mark()));
        if kind == Kind::Low && tracking.disable_scale_in == Some(true) {
            if let Some(alarm) = has {
                managed::delete(tx, ctx, &alarm.alarm_name);
            }
            continue;
        }
        let alarm = has.cloned().unwrap_or_else(|| named(ctx, &policy.resource_id, kind));
        let (operator, share, periods) = kind.condition();
        let input = PutMetricAlarmInput {
            alarm_name: alarm.alarm_name.clone(),
            alarm_description: Some(format!(
                "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.",
                policy.policy_arn
            )),
            alarm_actions: Some(vec![policy.policy_arn.clone()]),
            comparison_operator: Some(operator.into()),
            threshold: Some(tracking.target_value * share),
            evaluation_periods: Some(periods),
            ..metric::watched(&tracking, &policy.resource_id)
        };
        managed::put(tx, ctx, input)
            .map_err(|refused| error::validation_exception(refused.message))?;
        alarms.push(alarm);
    }
    policy.alarms = Some(alarms);
    Ok(())
}

/// Removes the alarms of a policy.
pub fn remove(tx: &mut Tx, ctx: &Ctx, policy: &wire::ScalingPolicy) {
    for alarm in policy.alarms.iter().flatten() {
        managed::delete(tx, ctx, &alarm.alarm_name);
    }
}

fn named(ctx: &Ctx, resource_id: &str, kind: Kind) -> wire::Alarm {
    let alarm_name = format!("TargetTracking-{resource_id}{}{}", kind.mark(), ctx.rng().uuid());
    let alarm_arn = ctx.arn("cloudwatch", format!("alarm:{alarm_name}"));
    wire::Alarm { alarm_arn, alarm_name }
}
