//! What `plan::service` looks at, gathered from a snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_api::model::ecs::{Service, Task};
use neargate_api::model::elbv2::{Target, TargetState};
use neargate_plan::service::{Plan, TargetHealth, View, plan};

/// Owns what a [`View`] borrows.
pub struct ServiceView<'a> {
    service: &'a Service,
    pub tasks: Vec<Arc<Task>>,
    health: HashMap<String, TargetHealth>,
}

impl<'a> ServiceView<'a> {
    /// The view of a service whose tasks are under these keys.
    pub fn of<'k>(
        snapshot: &Snapshot,
        service: &'a Service,
        keys: impl IntoIterator<Item = &'k String>,
    ) -> Self {
        let tasks: Vec<_> = keys.into_iter().filter_map(|key| snapshot.get::<Task>(key)).collect();
        let health =
            tasks.iter().map(|task| (task.id.clone(), target_health(snapshot, task))).collect();
        ServiceView { service, tasks, health }
    }

    pub fn plan(&self, now: neargate_api::Timestamp) -> Plan {
        let health =
            |task: &Task| self.health.get(&task.id).cloned().unwrap_or(TargetHealth::NotChecked);
        let view = View { service: self.service, tasks: &self.tasks, target_health: &health };
        plan(&view, now)
    }
}

/// The worst that the task's target groups say of it.
fn target_health(snapshot: &Snapshot, task: &Task) -> TargetHealth {
    let Some(ip) = &task.private_ip else { return TargetHealth::Initial };
    if task.targets.is_empty() {
        return TargetHealth::NotChecked;
    }
    let mut worst = TargetHealth::NotChecked;
    for target in &task.targets {
        let arn = &target.target_group_arn;
        let Some(found) = snapshot.get::<Target>(&Target::key_of(arn, ip, target.port)) else {
            return TargetHealth::Initial;
        };
        match found.state {
            TargetState::Unused | TargetState::Unavailable => {}
            TargetState::Healthy if worst == TargetHealth::NotChecked => {
                worst = TargetHealth::Healthy
            }
            TargetState::Healthy => {}
            TargetState::Initial | TargetState::Draining => worst = TargetHealth::Initial,
            TargetState::Unhealthy => {
                let reason =
                    found.description.clone().unwrap_or_else(|| "Health checks failed".into());
                return TargetHealth::Unhealthy {
                    target_group_arn: arn.clone(),
                    port: target.port,
                    reason,
                };
            }
        }
    }
    worst
}
