//! What `plan::service` looks at, gathered from a snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition, AlarmState};
use neargate_api::model::ecs::{Service, Task};
use neargate_api::model::elbv2::{Target, TargetState};
use neargate_plan::placement;
use neargate_plan::service::{AlarmSeen, Plan, TargetHealth, View, plan};

/// Owns what a [`View`] borrows.
pub struct ServiceView<'a> {
    service: &'a Service,
    pub tasks: Vec<Arc<Task>>,
    health: HashMap<String, TargetHealth>,
    alarms: Vec<AlarmSeen>,
    zones: Vec<String>,
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
        let alarms = alarms_of(snapshot, service);
        let network = service.primary().and_then(|primary| primary.network.as_ref());
        let zones = placement::zones(snapshot, &service.region, network.map(|network| &network.0));
        ServiceView { service, tasks, health, alarms, zones }
    }

    pub fn plan(&self, now: neargate_api::Timestamp) -> Plan {
        let health =
            |task: &Task| self.health.get(&task.id).cloned().unwrap_or(TargetHealth::NotChecked);
        let view = View {
            service: self.service,
            tasks: &self.tasks,
            target_health: &health,
            alarms: &self.alarms,
            zones: &self.zones,
        };
        plan(&view, now)
    }
}

/// The alarms that watch over its deployments; those that are not there say nothing.
fn alarms_of(snapshot: &Snapshot, service: &Service) -> Vec<AlarmSeen> {
    let names = service.deployment_alarms().map(|alarms| alarms.alarm_names.as_slice());
    let find = |name: &String| snapshot.get::<Alarm>(&Alarm::key_of(&service.region, name));
    let seen = |alarm: Arc<Alarm>| AlarmSeen {
        name: alarm.name.clone(),
        is_in_alarm: alarm.state == AlarmState::Alarm,
        window_secs: window_secs(&alarm.definition),
    };
    names.unwrap_or_default().iter().filter_map(find).map(seen).collect()
}

/// How long an alarm looks back: its period, as often as it is evaluated.
fn window_secs(definition: &AlarmDefinition) -> i64 {
    match definition {
        AlarmDefinition::Metric(alarm) => {
            let period = alarm.period.unwrap_or(60);
            i64::from(period) * i64::from(alarm.evaluation_periods.unwrap_or(1))
        }
        AlarmDefinition::Composite(_) => 0,
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
