//! Deployment alarms: a deployment fails when one of its alarms goes into ALARM, and is
//! complete only after they have been watched for a while over all of its tasks.
//! Source: "How CloudWatch alarms detect Amazon ECS deployment failures".

use neargate_ids::Timestamp;
use neargate_model::ecs::RolloutState;

use super::fail::{Failure, fail};
use super::{Plan, View};

/// An alarm that watches over a service's deployments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmSeen {
    pub name: String,
    pub is_in_alarm: bool,
    /// The time that it looks back over: its period, as often as it is evaluated.
    pub window_secs: i64,
}

/// Fails the primary deployment when an alarm has gone into ALARM since it began: those that
/// were there already say nothing about it.
pub fn watch(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let Some(configured) = view.service.deployment_alarms() else { return };
    let Some(primary) = plan.primary_mut() else { return };
    if primary.rollout != RolloutState::InProgress {
        return;
    }
    let alarming: Vec<String> =
        view.alarms.iter().filter(|alarm| alarm.is_in_alarm).map(|a| a.name.clone()).collect();
    let ignored = primary.monitors.ignored_alarms.get_or_insert_with(|| alarming.clone());
    let triggered: Vec<String> =
        alarming.into_iter().filter(|name| !ignored.contains(name)).collect();
    if triggered.is_empty() {
        return;
    }
    let names = triggered.join(", ");
    primary.monitors.triggered_alarms = triggered;
    let failure = Failure {
        event: format!("deployment failed: alarm detected: {names}."),
        reason: format!("ECS deployment alarms: alarm detected: {names}."),
        by: "ECS deployment alarms",
        rolls_back: configured.rollback,
    };
    fail(failure, now, plan);
}

/// Whether the primary deployment, whose tasks are all there, still bakes.
pub fn bakes(view: &View<'_>, now: Timestamp, plan: &mut Plan) -> bool {
    if view.service.deployment_alarms().is_none() {
        return false;
    }
    let bake_secs = bake_secs(view);
    let Some(primary) = plan.primary_mut() else { return false };
    if primary.rollout != RolloutState::InProgress {
        return false;
    }
    let until = *primary.monitors.bakes_until.get_or_insert(now.plus_secs(bake_secs));
    if until <= now {
        return false;
    }
    let id = primary.id.clone();
    let was = view.service.deployments.iter().find(|d| d.id == id);
    if was.is_some_and(|was| was.monitors.bakes_until.is_none()) {
        let at = until.iso8601_secs();
        plan.say(format!("(deployment {id}) watches its alarms until {at}."));
    }
    plan.waits_for.push(format!("the bake time to end, at {}", until.iso8601_secs()));
    plan.wake(until);
    true
}

/// As configured, else as long as the slowest alarm looks back.
fn bake_secs(view: &View<'_>) -> i64 {
    let configuration = view.service.wire.deployment_configuration.as_ref();
    let minutes = configuration.and_then(|c| c.bake_time_in_minutes).unwrap_or(0);
    match minutes {
        0 => view.alarms.iter().map(|alarm| alarm.window_secs).max().unwrap_or(0),
        minutes => i64::from(minutes) * 60,
    }
}
