//! What scripts do: to the service as its user, and to its tasks as the machine.

use std::collections::BTreeMap;

use neargate_model::ecs::{
    Controller, Deployment, DeploymentStatus, DeploymentStop, HealthStatus, ServiceStatus, StopCode,
};
use neargate_plan::service::AlarmSeen;

use super::{World, deployment, parsed, task_set};

impl World {
    /// From now on CodeDeploy replaces its tasks: what it has is a task set.
    pub fn by_code_deploy(mut self) -> World {
        self.service.controller = Controller::CodeDeploy;
        for set in &mut self.service.deployments {
            set.task_set = Some(task_set(self.now));
        }
        self
    }

    /// A task set beside those that there are.
    pub fn add_task_set(&mut self, definition: &str) {
        self.deployments += 1;
        let made = deployment(self.deployments, definition, self.now);
        self.service.deployments.push(Deployment {
            status: DeploymentStatus::Active,
            task_set: Some(task_set(self.now)),
            ..made
        });
    }

    /// A task set goes.
    pub fn drain_task_set(&mut self, id: &str) {
        let set = self.service.deployments.iter_mut().find(|set| set.id == id);
        let state = set.and_then(|set| set.task_set.as_mut()).expect("a task set of this id");
        state.draining = true;
    }

    pub fn scale(&mut self, desired_count: u32) {
        self.service.desired_count = desired_count;
        self.service.steady = false;
    }

    pub fn delete(&mut self) {
        self.service.status = ServiceStatus::Draining;
    }

    /// From now on `app:bad` starts.
    pub fn mend(&mut self) {
        self.mended = true;
    }

    /// From now on `app:bad` does not start any more.
    pub fn unmend(&mut self) {
        self.mended = false;
    }

    /// The container health check of a task begins to fail.
    pub fn sicken(&mut self, id: &str) {
        self.task_mut(id).containers[0].health = Some(HealthStatus::Unhealthy);
    }

    /// It passes again.
    pub fn recover(&mut self, id: &str) {
        self.task_mut(id).containers[0].health = Some(HealthStatus::Healthy);
    }

    /// From now on a load balancer checks its tasks; each is healthy when that is said.
    pub fn balanced(mut self, grace_secs: i32) -> World {
        self.service.wire.health_check_grace_period_seconds = Some(grace_secs);
        self.balanced = Some(BTreeMap::new());
        self
    }

    /// The load balancer finds a task healthy, or not.
    pub fn probe(&mut self, id: &str, healthy: bool) {
        self.balanced.get_or_insert_default().insert(id.into(), healthy);
    }

    /// An alarm that watches over the deployments.
    pub fn alarm(&mut self, name: &str, is_in_alarm: bool) {
        self.alarms.retain(|alarm| alarm.name != name);
        self.alarms.push(AlarmSeen { name: name.into(), is_in_alarm, window_secs: 10 });
    }

    /// StopServiceDeployment of the deployment that is under way.
    pub fn stop_deployment(&mut self, stop: DeploymentStop) {
        self.service.deployments[0].monitors.stop = Some(stop);
    }

    /// UpdateTaskProtection, for so many seconds.
    pub fn protect(&mut self, id: &str, secs: i64) {
        let until = self.now.plus_secs(secs);
        self.task_mut(id).protected_until = Some(until);
    }

    /// It has subnets in these zones, and its tasks are moved between them.
    pub fn rebalanced(mut self, zones: &[&str]) -> World {
        self.zones = zones.iter().map(|zone| zone.to_string()).collect();
        self.service.wire.availability_zone_rebalancing = Some("ENABLED".into());
        self
    }

    /// Its tasks are not moved any more.
    pub fn stop_rebalancing(&mut self) {
        self.service.wire.availability_zone_rebalancing = Some("DISABLED".into());
    }

    /// A task is in this zone.
    pub fn place(&mut self, id: &str, zone: &str) {
        self.task_mut(id).placement.availability_zone = zone.into();
    }

    /// A task's essential container ends by itself.
    pub fn exit(&mut self, id: &str) {
        let now = self.now;
        let why = "Essential container in task exited";
        self.task_mut(id).request_stop(StopCode::EssentialContainerExited, why, now);
    }

    /// The machine loses a task.
    pub fn lose(&mut self, id: &str) {
        let now = self.now;
        self.task_mut(id).request_stop(StopCode::TerminationNotice, "Task was lost", now);
    }

    /// From now on this task, and none else, takes its time to stop.
    pub fn linger(&mut self, id: Option<&str>) {
        self.lingering = id.map(str::to_owned);
    }

    /// Another deployment configuration.
    pub fn configure(&mut self, configuration: &str) {
        self.service.wire.deployment_configuration = Some(parsed(configuration));
    }
}
