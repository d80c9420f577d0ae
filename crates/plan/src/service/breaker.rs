//! The deployment circuit breaker.
//! Source: "How the Amazon ECS deployment circuit breaker detects failures".

use neargate_ids::Timestamp;
use neargate_model::ecs::{Deployment, DeploymentStatus, RolloutState};

use super::{Plan, View};

/// The number of failed tasks that fails a deployment: half the desired count, within 3 and 200.
pub fn breaker_threshold(desired_count: u32) -> u32 {
    desired_count.div_ceil(2).clamp(3, 200)
}

/// Fails the primary deployment once it has reached the threshold, and rolls back where asked.
pub fn trip(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let Some(rollback) = view.service.circuit_breaker() else { return };
    let threshold = breaker_threshold(view.service.desired_count);
    let last_completed = plan.last_completed.clone();
    let Some(primary) = plan.primary_mut() else { return };
    if primary.rollout != RolloutState::InProgress || primary.failed_tasks < threshold {
        return;
    }
    let id = primary.id.clone();
    primary.rollout = RolloutState::Failed;
    primary.updated_at = now;
    primary.rollout_reason = "ECS deployment circuit breaker: tasks failed to start.".into();
    let target = last_completed.filter(|_| rollback).filter(|target| target.id != id);
    if let Some(target) = &target {
        primary.rollout_reason = format!(
            "ECS deployment circuit breaker: tasks failed to start. Rolling back to deploymentId: {}.",
            target.id
        );
        primary.status = DeploymentStatus::Active;
    }
    plan.steady = false;
    plan.events.push(format!("(deployment {id}) deployment failed: tasks failed to start."));
    if let Some(target) = target {
        plan.events.push(format!("rolling back to deployment {}.", target.id));
        roll_back(target, now, plan);
    }
}

/// The last completed deployment is wanted again: with its tasks while it has any, else anew.
fn roll_back(target: Deployment, now: Timestamp, plan: &mut Plan) {
    let Some(at) = plan.deployments.iter().position(|d| d.id == target.id) else {
        plan.roll_back_to = Some(target);
        return;
    };
    let mut again = plan.deployments.remove(at);
    again.status = DeploymentStatus::Primary;
    again.rollout = RolloutState::InProgress;
    again.rollout_reason = format!("ECS deployment {} in progress.", again.id);
    again.updated_at = now;
    plan.deployments.insert(0, again);
}

#[cfg(test)]
mod tests {
    use super::breaker_threshold;

    #[test]
    fn half_within_bounds() {
        assert_eq!(
            [0, 1, 2, 6, 7, 25, 400, 1000].map(breaker_threshold),
            [3, 3, 3, 3, 4, 13, 200, 200]
        );
    }
}
