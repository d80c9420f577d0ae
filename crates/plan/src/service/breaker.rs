//! The deployment circuit breaker.
//! Source: "How the Amazon ECS deployment circuit breaker detects failures"; for the threshold
//! and the reset, the descriptions of DeploymentCircuitBreaker's members in the API reference.

use neargate_api_types::ecs::DeploymentCircuitBreaker;
use neargate_ids::Timestamp;
use neargate_model::ecs::{Deployment, RolloutState};

use super::count::{self, Verdict};
use super::fail::{Failure, fail};
use super::{Plan, View};

/// A task without any health check that has run so long counts as one that became healthy.
const PROVEN_AFTER_MILLIS: i64 = 10_000;

/// The number of failed tasks that fails a deployment. Unless it is configured: half the
/// desired count, within 3 and 200.
pub fn breaker_threshold(breaker: &DeploymentCircuitBreaker, desired_count: u32) -> u32 {
    let given = breaker.threshold_configuration.as_ref();
    let value = given.map_or(50, |given| given.value.max(1) as u64);
    let percent = (u64::from(desired_count) * value).div_ceil(100).min(u64::from(u32::MAX)) as u32;
    match given.map(|given| given.r#type.as_str()) {
        Some("COUNT") => value.min(u64::from(u32::MAX)) as u32,
        Some("UNBOUNDED_PERCENT") => percent.max(1),
        _ => percent.clamp(3, 200),
    }
}

/// Takes note of tasks that have become healthy while their deployment is under way: each
/// resets the breaker's count, unless it is told not to.
pub fn note_proven(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let Some(breaker) = view.service.circuit_breaker() else { return };
    let Some(primary) = plan.deployments.first() else { return };
    if primary.rollout != RolloutState::InProgress {
        return;
    }
    let failed_tasks = primary.failed_tasks;
    for task in count::wanted(view, &primary.id.clone(), true) {
        if task.proven || count::verdict(view, task, now) != Verdict::Healthy {
            continue;
        }
        let proven_at = task.started_at.unwrap_or(now).plus_millis(PROVEN_AFTER_MILLIS);
        let is_checked = !task.targets.is_empty() || count::has_check(task);
        if is_checked || proven_at <= now {
            plan.proven.push(task.id.clone());
        } else if failed_tasks > 0 {
            plan.wake(proven_at);
        }
    }
    let resets = !plan.proven.is_empty() && breaker.reset_on_healthy_task != Some(false);
    if let Some(primary) = plan.primary_mut().filter(|p| resets && p.failed_tasks > 0) {
        primary.failed_tasks = 0;
        primary.updated_at = now;
    }
}

/// Whether the breaker fails this deployment at the next look at it.
pub fn is_reached(view: &View<'_>, deployment: &Deployment) -> bool {
    let threshold = |b| breaker_threshold(b, view.service.desired_count);
    let breaker = view.service.circuit_breaker();
    deployment.rollout == RolloutState::InProgress
        && breaker.is_some_and(|breaker| deployment.failed_tasks >= threshold(breaker))
}

/// Fails the primary deployment once it has reached the threshold, and tells how far it is.
pub fn trip(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let Some(breaker) = view.service.circuit_breaker() else { return };
    let threshold = breaker_threshold(breaker, view.service.desired_count);
    let Some(primary) = plan.deployments.first() else { return };
    if primary.rollout != RolloutState::InProgress || primary.failed_tasks == 0 {
        return;
    }
    let (id, failed) = (primary.id.clone(), primary.failed_tasks);
    let is_reached = is_reached(view, primary);
    let before = view.service.deployments.iter().find(|d| d.id == id).map(|d| d.failed_tasks);
    if before != Some(failed) {
        let reached = if is_reached { "has reached" } else { "has not reached" };
        plan.say(format!(
            "(deployment {id}) has {failed} failed tasks and {reached} the circuit breaker's threshold of {threshold}."
        ));
    }
    if is_reached {
        let failure = Failure {
            event: "deployment failed: tasks failed to start.".into(),
            reason: "ECS deployment circuit breaker: tasks failed to start.".into(),
            by: "ECS deployment circuit breaker",
            rolls_back: breaker.rollback,
        };
        fail(failure, now, plan);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neargate_api_types::ecs::ThresholdConfiguration;

    fn thresholds(configuration: Option<(&str, i32)>) -> [u32; 8] {
        let threshold_configuration = configuration
            .map(|(r#type, value)| ThresholdConfiguration { r#type: r#type.into(), value });
        let breaker = DeploymentCircuitBreaker {
            enable: true,
            threshold_configuration,
            ..Default::default()
        };
        [0, 1, 2, 6, 7, 25, 400, 1000].map(|count| breaker_threshold(&breaker, count))
    }

    #[test]
    fn half_within_bounds_or_as_configured() {
        assert_eq!(thresholds(None), [3, 3, 3, 3, 4, 13, 200, 200]);
        assert_eq!(thresholds(Some(("BOUNDED_PERCENT", 20))), [3, 3, 3, 3, 3, 5, 80, 200]);
        assert_eq!(thresholds(Some(("UNBOUNDED_PERCENT", 50))), [1, 1, 1, 3, 4, 13, 200, 500]);
        assert_eq!(thresholds(Some(("COUNT", 2))), [2; 8]);
    }
}
