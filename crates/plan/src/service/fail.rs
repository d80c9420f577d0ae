//! A deployment fails: by its circuit breaker, by its alarms, or because a user stops it.
//! Where that is wanted, the last one that completed comes back.

use neargate_ids::Timestamp;
use neargate_model::ecs::{
    Deployment, DeploymentStatus, DeploymentStop, Rollback, RollbackMonitors, RolloutState,
};

use super::Plan;

/// Why a deployment fails.
pub struct Failure {
    /// What its event says: `deployment failed: …`
    pub event: String,
    /// Its rollout state's reason.
    pub reason: String,
    /// Who fails it, as the reason of the one that comes back names them.
    pub by: &'static str,
    pub rolls_back: bool,
}

/// Fails the primary deployment. One that came back for another is not rolled back itself: what it
/// would go back to is what it is.
pub fn fail(failure: Failure, now: Timestamp, plan: &mut Plan) {
    let last_completed = plan.last_completed.clone();
    let Some(primary) = plan.primary_mut() else { return };
    let id = primary.id.clone();
    primary.rollout = RolloutState::Failed;
    primary.updated_at = now;
    primary.rollout_reason = failure.reason;
    let rolls_back = failure.rolls_back && !primary.monitors.is_rollback;
    let target = last_completed.filter(|target| rolls_back && target.id != id);
    if let Some(target) = &target {
        primary.monitors.rollback = Some(Rollback {
            to: target.id.clone(),
            reason: primary.rollout_reason.clone(),
            started_at: now,
            has_succeeded: None,
        });
        primary.status = DeploymentStatus::Active;
    }
    plan.steady = false;
    plan.say(format!("(deployment {id}) {}", failure.event));
    if let Some(target) = target {
        plan.say(format!("rolling back to deployment {}.", target.id));
        let rollout_reason = format!("{}: rolling back to deploymentId {}.", failure.by, target.id);
        roll_back(Deployment { rollout_reason, ..target }, now, plan);
    }
}

/// The last completed deployment is wanted again: with its tasks while it has any, else anew.
/// What failed before it completed does not count against it.
fn roll_back(target: Deployment, now: Timestamp, plan: &mut Plan) {
    let stands = |d: &Deployment| d.id == target.id && d.rollout == RolloutState::Completed;
    let Some(at) = plan.deployments.iter().position(stands) else {
        plan.roll_back_to = Some(target);
        return;
    };
    let mut again = plan.deployments.remove(at);
    again.status = DeploymentStatus::Primary;
    again.rollout = RolloutState::InProgress;
    again.rollout_reason = target.rollout_reason;
    again.failed_tasks = 0;
    again.launch_failures = 0;
    again.next_launch_at = None;
    again.next_placement_at = None;
    again.monitors = RollbackMonitors { is_rollback: true, ..Default::default() };
    again.updated_at = now;
    plan.deployments.insert(0, again);
}

/// A user has stopped it with StopServiceDeployment.
pub fn stop_requested(now: Timestamp, plan: &mut Plan) {
    let Some(primary) = plan.deployments.first() else { return };
    let Some(stop) = primary.monitors.stop else { return };
    if primary.rollout != RolloutState::InProgress {
        return;
    }
    let failure = Failure {
        event: "deployment stopped: it was stopped by a user.".into(),
        reason: "ECS deployment stopped by a user.".into(),
        by: "ECS deployment stopped by a user",
        rolls_back: stop == DeploymentStop::Rollback,
    };
    fail(failure, now, plan);
}
