//! Counting: which tasks are wanted, which are healthy, and how many there may be.

use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_model::ecs::{HealthStatus, Service, Task, TaskStatus};

use super::{TargetHealth, View};

/// How many tasks must be healthy and may exist: `ceil` and `floor` of the percentages.
pub fn bounds(service: &Service) -> (u32, u32) {
    let (minimum_percent, maximum_percent) = service.percents();
    let desired = u64::from(service.desired_count);
    let minimum = (desired * u64::from(minimum_percent)).div_ceil(100);
    let maximum = desired * u64::from(maximum_percent) / 100;
    (minimum as u32, maximum as u32)
}

/// What a check has against a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Healthy,
    /// Still starting, or its first checks are under way.
    NotYet,
    Unhealthy {
        reason: String,
        event: String,
    },
}

/// Whether a task counts as healthy.
pub fn verdict(view: &View<'_>, task: &Task, now: Timestamp) -> Verdict {
    if task.status != TaskStatus::Running {
        return Verdict::NotYet;
    }
    let grace_secs = view.service.wire.health_check_grace_period_seconds.unwrap_or(0);
    let started = task.started_at.unwrap_or(now);
    let in_grace = now < started.plus_secs(i64::from(grace_secs));
    let health = task.health();
    if health == HealthStatus::Unhealthy && !in_grace {
        return Verdict::Unhealthy {
            reason: "Task failed container health checks".into(),
            event: format!("(task {}) failed container health checks.", task.id),
        };
    }
    match (view.target_health)(task) {
        // Whatever its container health check says, or does not say yet.
        TargetHealth::Unhealthy { target_group_arn, port, reason } if !in_grace => {
            Verdict::Unhealthy {
                reason: format!(
                    "Task failed ELB health checks in (target-group {target_group_arn})"
                ),
                event: format!(
                    "(task {}) (port {port}) is unhealthy in (target-group {target_group_arn}) due to (reason {reason}).",
                    task.id
                ),
            }
        }
        _ if has_check(task) && health != HealthStatus::Healthy => Verdict::NotYet,
        TargetHealth::NotChecked | TargetHealth::Healthy => Verdict::Healthy,
        TargetHealth::Initial | TargetHealth::Unhealthy { .. } => Verdict::NotYet,
    }
}

/// Whether a container health check watches it.
pub fn has_check(task: &Task) -> bool {
    task.containers.iter().any(|container| container.essential && container.health.is_some())
}

/// The instant at which a task's grace period ends, if it lies ahead.
pub fn grace_ends(service: &Service, task: &Task, now: Timestamp) -> Option<Timestamp> {
    let grace_secs = service.wire.health_check_grace_period_seconds.filter(|secs| *secs > 0)?;
    let ends = task.started_at?.plus_secs(i64::from(grace_secs));
    (ends > now).then_some(ends)
}

/// The wanted tasks of the deployment `id`, or, with `of` false, of all others.
pub fn wanted<'a>(view: &View<'a>, id: &str, of: bool) -> Vec<&'a Arc<Task>> {
    view.tasks
        .iter()
        .filter(|t| t.is_wanted() && (t.deployment.as_deref() == Some(id)) == of)
        .collect()
}
