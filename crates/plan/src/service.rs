//! The service scheduler: from a service, its tasks and their health to what is
//! started and stopped next, how its deployments stand, and what its events say.
//!
//! ```text
//! note healthy, ends, unhealthy ─▶ breaker, alarms, stop ─▶ retire old ─▶ scale in ─▶ start ─▶ complete ─▶ rebalance
//! ```
//! Each step sees what the steps before it have decided. AWS's arithmetic: the
//! minimum healthy is rounded up, the maximum down; a task counts as healthy when
//! it runs and its container and target health checks (where configured) pass.

mod alarms;
mod backoff;
mod breaker;
mod count;
mod fail;
mod rebalance;
mod replace;
mod rollout;
mod task_sets;
mod words;

use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_model::ecs::{
    Controller, Deployment, EventKind, Said, Service, ServiceStatus, StopCode, Task, TaskStatus,
};

pub use alarms::AlarmSeen;
pub use backoff::launch_backoff_millis;
pub use breaker::breaker_threshold;
pub use words::{started, stopped};

/// What the load balancer says of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetHealth {
    /// It has no target group, or none that a load balancer uses.
    NotChecked,
    /// Not registered yet, or the first checks are under way.
    Initial,
    Healthy,
    Unhealthy {
        target_group_arn: String,
        port: u16,
        reason: String,
    },
}

/// What the scheduler looks at.
pub struct View<'a> {
    pub service: &'a Service,
    /// Its tasks, stopped ones too.
    pub tasks: &'a [Arc<Task>],
    pub target_health: &'a dyn Fn(&Task) -> TargetHealth,
    /// Its deployments' alarms.
    pub alarms: &'a [AlarmSeen],
    /// The availability zones of its primary deployment's subnets.
    pub zones: &'a [String],
}

/// A task to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The deployment that it belongs to.
    pub deployment: String,
    pub count: u32,
    /// Whether it stands in for an unhealthy task, for the event.
    pub replaces_unhealthy: bool,
    /// Where it must be, to even out the zones.
    pub zone: Option<String>,
}

/// A task to be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub task_id: String,
    pub code: StopCode,
    pub reason: String,
    /// Where it is, when it is stopped to even out the zones.
    pub zone: Option<String>,
}

/// What shall be done, and what it is waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub start: Option<Start>,
    pub stop: Vec<Stop>,
    /// Tasks that have become healthy.
    pub proven: Vec<String>,
    /// Stopped tasks whose end has been taken note of.
    pub account: Vec<String>,
    /// The deployments as they shall stand.
    pub deployments: Vec<Deployment>,
    /// Those that are not among them any more, as they ended.
    pub gone: Vec<Deployment>,
    /// Go back to this one: it becomes a new primary deployment.
    pub roll_back_to: Option<Deployment>,
    pub last_completed: Option<Deployment>,
    pub status: ServiceStatus,
    pub steady: bool,
    pub rebalancing: Option<u32>,
    /// Events, oldest first, without the leading `(service S)`.
    pub events: Vec<Said>,
    /// The same of task sets, by their ids: without the leading `(service S, taskSet T)`.
    pub task_set_events: Vec<(String, Said)>,
    /// What the scheduler waits for, for people.
    pub waits_for: Vec<String>,
    /// When to look again even if nothing happens.
    pub wake_at: Option<Timestamp>,
}

/// Decides what a service needs at `now`.
pub fn plan(view: &View<'_>, now: Timestamp) -> Plan {
    let mut plan = Plan::keep(view.service);
    match view.service.status {
        ServiceStatus::Inactive => {}
        ServiceStatus::Draining => drain(view, &mut plan),
        ServiceStatus::Active if view.service.controller == Controller::CodeDeploy => {
            task_sets::keep(view, now, &mut plan);
        }
        ServiceStatus::Active => {
            breaker::note_proven(view, now, &mut plan);
            rollout::note_ends(view, now, &mut plan);
            replace::note_unhealthy(view, now, &mut plan);
            breaker::trip(view, now, &mut plan);
            alarms::watch(view, now, &mut plan);
            fail::stop_requested(now, &mut plan);
            rebalance::interrupt(view, &mut plan);
            replace::replace(view, now, &mut plan);
            rollout::complete(view, now, &mut plan);
            rebalance::rebalance(view, now, &mut plan);
        }
    }
    plan
}

/// A deleted service: all tasks stop, then it is gone.
fn drain(view: &View<'_>, plan: &mut Plan) {
    for task in view.tasks.iter().filter(|task| task.is_wanted()) {
        plan.stop_scaling(task);
    }
    if view.tasks.iter().all(|task| task.status == TaskStatus::Stopped) {
        plan.status = ServiceStatus::Inactive;
        plan.deployments.clear();
    } else {
        plan.waits_for.push("its tasks to stop".into());
    }
}

impl Plan {
    fn keep(service: &Service) -> Plan {
        Plan {
            start: None,
            stop: Vec::new(),
            proven: Vec::new(),
            account: Vec::new(),
            deployments: service.deployments.clone(),
            gone: Vec::new(),
            roll_back_to: None,
            last_completed: service.last_completed.clone(),
            status: service.status,
            steady: service.steady,
            rebalancing: service.rebalancing,
            events: Vec::new(),
            task_set_events: Vec::new(),
            waits_for: Vec::new(),
            wake_at: None,
        }
    }

    /// Whether it leaves everything as it is.
    pub fn changes_nothing(&self, service: &Service) -> bool {
        self.start.is_none()
            && self.stop.is_empty()
            && self.proven.is_empty()
            && self.account.is_empty()
            && self.roll_back_to.is_none()
            && self.events.is_empty()
            && self.task_set_events.is_empty()
            && self.deployments == service.deployments
            && self.status == service.status
            && self.steady == service.steady
            && self.rebalancing == service.rebalancing
    }

    fn primary_mut(&mut self) -> Option<&mut Deployment> {
        self.deployments.first_mut()
    }

    fn stop_scaling(&mut self, task: &Task) {
        let deployment = task.deployment.as_deref().unwrap_or_default();
        self.stop(task, format!("Scaling activity initiated by (deployment {deployment})"));
    }

    fn stop_rebalancing(&mut self, task: &Task) {
        let deployment = task.deployment.as_deref().unwrap_or_default();
        let reason =
            format!("Availability-zone rebalancing initiated by (deployment {deployment})");
        let code = StopCode::ServiceSchedulerInitiated;
        let zone = Some(task.placement.availability_zone.clone());
        self.stop.push(Stop { task_id: task.id.clone(), code, reason, zone });
    }

    fn stop(&mut self, task: &Task, reason: String) {
        let code = StopCode::ServiceSchedulerInitiated;
        self.stop.push(Stop { task_id: task.id.clone(), code, reason, zone: None });
    }

    fn stops(&self, task: &Task) -> bool {
        self.stop.iter().any(|stop| stop.task_id == task.id)
    }

    /// An event that is not told again while its cause lasts, but for every six hours.
    fn tell_once(&mut self, service: &Service, now: Timestamp, said: impl Into<Said>) {
        let said = said.into();
        if !service.has_told(&said.what, now) {
            self.events.push(said);
        }
    }

    fn say(&mut self, what: impl Into<Said>) {
        self.events.push(what.into());
    }

    fn say_steady(&mut self) {
        self.say(Said::new(EventKind::SteadyState, "has reached a steady state."));
    }

    fn wake(&mut self, at: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
    }
}
