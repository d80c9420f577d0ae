//! What `plan::service` looks at, gathered from a snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_api::model::ecs::{Service, Task};
use neargate_api::model::elbv2::{Target, TargetState};
use neargate_plan::service::{TargetHealth, View};

/// The tasks of all services, each under its service's key.
pub struct Tasks {
    by_service: HashMap<String, Vec<Arc<Task>>>,
    health: HashMap<String, TargetHealth>,
}

impl Tasks {
    pub fn by_service(snapshot: &Snapshot) -> Self {
        let mut all = Tasks { by_service: HashMap::new(), health: HashMap::new() };
        for task in snapshot.all::<Task>() {
            all.add(snapshot, task);
        }
        all
    }

    /// The tasks of one service alone.
    pub fn of(snapshot: &Snapshot, service: &Service) -> Self {
        let mut all = Tasks { by_service: HashMap::new(), health: HashMap::new() };
        let prefix = format!("{}/{}/", service.region, service.cluster);
        let own = |task: &Arc<Task>| task.service.as_deref() == Some(service.name.as_str());
        for task in snapshot.scan::<Task>(&prefix).filter(own) {
            all.add(snapshot, task);
        }
        all
    }

    fn add(&mut self, snapshot: &Snapshot, task: Arc<Task>) {
        let Some(service) = &task.service else { return };
        self.health.insert(task.id.clone(), target_health(snapshot, &task));
        let key = Service::key_of(&task.region, &task.cluster, service);
        self.by_service.entry(key).or_default().push(task);
    }

    /// The plan's view of a service.
    pub fn view<'a>(&'a self, service: &'a Service) -> ServiceView<'a> {
        use neargate_api::Record;
        let tasks = self.by_service.get(&service.key()).map(Vec::as_slice).unwrap_or_default();
        ServiceView { service, tasks, all: self }
    }

    fn health_of(&self, task: &Task) -> TargetHealth {
        self.health.get(&task.id).cloned().unwrap_or(TargetHealth::NotChecked)
    }
}

/// Owns what a [`View`] borrows.
pub struct ServiceView<'a> {
    service: &'a Service,
    tasks: &'a [Arc<Task>],
    all: &'a Tasks,
}

impl ServiceView<'_> {
    /// Runs `look` on the view.
    pub fn with<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let health = |task: &Task| self.all.health_of(task);
        look(&View { service: self.service, tasks: self.tasks, target_health: &health })
    }

    pub fn tasks(&self) -> &[Arc<Task>] {
        self.tasks
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
