//! What a deployment of CodeDeploy does next to an ECS service: its replacement task
//! set starts on the idle target group, the test listener and then the production
//! listener move over to it, and after a while the original task set goes.
//!
//! ```text
//! Install ─▶ Wait ─▶ Shift ─▶ Terminate ─▶ done           each in its own function
//!    └─────────┴───────┴─────────┴──▶ stop, alarm, failure ──▶ another deployment: Restore ─▶ done
//! ```
//! A plan is one step: the deployment as it shall stand, and what is done to the service
//! and the listeners in the same transaction.

mod stages;
mod traffic;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_model::codedeploy::{Deployment, DeploymentStatus, Failure, Stage, TaskSetSeen};
use neargate_model::ecs::{self, Service, Task, TaskStatus};

pub use traffic::{replacement_weight, split};

/// What a deployment looks at.
pub struct View<'a> {
    pub deployment: &'a Deployment,
    /// The service, while it is active.
    pub service: Option<&'a Service>,
    pub tasks: &'a [Arc<Task>],
    /// Those of its alarms that are in ALARM.
    pub alarms: &'a [String],
    /// Those of its alarms that are not there, where it minds.
    pub missing_alarms: &'a [String],
}

/// Something that is done to the service or to a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make the replacement, whose tasks register with this target group.
    CreateTaskSet { target_group: String },
    /// Split a listener's traffic between two target groups: so many percent to the second.
    Route { listener: String, from: String, to: String, percent: u32 },
    /// The service's primary task set is this one.
    MakePrimary { task_set: String },
    /// The task set goes, with its tasks.
    DeleteTaskSet { task_set: String },
    /// Undo what this deployment has done, by a deployment of its own.
    RollBack,
}

/// The next step.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The deployment as it shall stand.
    pub deployment: Deployment,
    pub actions: Vec<Action>,
    /// What it waits for, for people.
    pub waits_for: Option<String>,
    /// When to look again even if nothing happens.
    pub wake_at: Option<Timestamp>,
}

impl Plan {
    fn keep(deployment: &Deployment) -> Plan {
        Plan { deployment: deployment.clone(), actions: Vec::new(), waits_for: None, wake_at: None }
    }

    /// Whether it leaves everything as it is.
    pub fn changes_nothing(&self, deployment: &Deployment) -> bool {
        self.actions.is_empty() && self.deployment == *deployment
    }

    fn wait(&mut self, what: impl Into<String>, until: Option<Timestamp>) {
        self.waits_for = Some(what.into());
        self.wake_at = until;
    }

    /// It ends without success, and is undone where that is wanted.
    fn end(&mut self, status: DeploymentStatus, why: Failure, roll_back: bool, now: Timestamp) {
        self.deployment.give_up(now);
        self.deployment.failure = Some(why);
        self.deployment.end(status, now);
        if roll_back && self.deployment.rolls_back.is_none() {
            self.actions.push(Action::RollBack);
        }
    }
}

/// A reason for a failure, under AWS's code.
pub fn failure(code: &str, message: impl Into<String>) -> Failure {
    Failure { code: code.into(), message: message.into() }
}

/// Decides the next step of a deployment at `now`.
pub fn plan(view: &View<'_>, now: Timestamp) -> Plan {
    let mut plan = Plan::keep(view.deployment);
    if view.deployment.status.is_final() {
        return plan;
    }
    let Some(service) = view.service else {
        let (cluster, name) = (&view.deployment.cluster, &view.deployment.service);
        let why = format!("The ECS service {name} of the cluster {cluster} is not there any more.");
        plan.end(DeploymentStatus::Failed, failure("INVALID_ECS_SERVICE", why), false, now);
        return plan;
    };
    look(view, service, &mut plan);
    if interrupted(view, &mut plan, now) {
        return plan;
    }
    match view.deployment.stage {
        Stage::Install => stages::install(service, &mut plan, now),
        Stage::Wait => stages::wait(&mut plan, now),
        Stage::Shift => stages::shift(&mut plan, now),
        Stage::Terminate => stages::terminate(service, &mut plan, now),
        Stage::Restore => stages::restore(service, &mut plan, now),
        Stage::Done => {}
    }
    plan
}

/// The plan for a deployment whose step could not be done.
pub fn fail(deployment: &Deployment, why: Failure, now: Timestamp) -> Plan {
    let mut plan = Plan::keep(deployment);
    plan.end(DeploymentStatus::Failed, why, deployment.roll_back_on_failure, now);
    plan
}

/// Takes note of how the task sets stand.
fn look(view: &View<'_>, service: &Service, plan: &mut Plan) {
    let deployment = &mut plan.deployment;
    for seen in [&mut deployment.original, &mut deployment.replacement].into_iter().flatten() {
        if let Some(set) = service.deployments.iter().find(|set| set.id == seen.id) {
            *seen = seen_of(service, set, view.tasks);
        }
    }
}

/// A task set as it stands.
pub fn seen_of(service: &Service, set: &ecs::Deployment, tasks: &[Arc<Task>]) -> TaskSetSeen {
    let own = || tasks.iter().filter(|task| task.deployment.as_deref() == Some(&set.id));
    let starting = |task: &&Arc<Task>| task.status < TaskStatus::Running;
    let balancers = service.load_balancers_of(set);
    let draining = set.task_set.as_ref().is_some_and(|set| set.draining);
    TaskSetSeen {
        id: set.id.clone(),
        target_group: balancers
            .first()
            .and_then(|balancer| balancer.target_group_arn.clone())
            .unwrap_or_default(),
        desired_count: service.computed_desired_count(set),
        pending_count: own().filter(starting).count() as u32,
        running_count: own().filter(|task| task.status == TaskStatus::Running).count() as u32,
        status: if draining { "DRAINING" } else { set.status.as_str() }.into(),
    }
}

/// What its alarms have against it.
fn alarming(view: &View<'_>) -> Option<String> {
    if !view.alarms.is_empty() {
        return Some(format!(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the \
             affected deployments have been stopped. Activated alarms: {}",
            view.alarms.join(", ")
        ));
    }
    let missing = view.missing_alarms.join(", ");
    (!missing.is_empty()).then(|| {
        format!(
            "The status of these alarms could not be retrieved from Amazon CloudWatch: {missing}"
        )
    })
}

/// Whether somebody, or an alarm, has put an end to it.
fn interrupted(view: &View<'_>, plan: &mut Plan, now: Timestamp) -> bool {
    let deployment = view.deployment;
    if let Some(roll_back) = deployment.stop_requested {
        let why = failure("MANUAL_STOP", "The deployment was stopped by a user.");
        plan.end(DeploymentStatus::Stopped, why, roll_back, now);
        return true;
    }
    if deployment.rolls_back.is_some() {
        return false;
    }
    if let Some(why) = alarming(view) {
        let why = failure("ALARM_ACTIVE", why);
        plan.end(DeploymentStatus::Stopped, why, deployment.roll_back_on_alarm, now);
        return true;
    }
    false
}
