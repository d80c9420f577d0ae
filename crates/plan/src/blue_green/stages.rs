//! The stages of a deployment, each a step that is taken again until it leads on.

use neargate_ids::Timestamp;
use neargate_model::codedeploy::{DeploymentStatus, Ready, Stage};
use neargate_model::ecs::{Deployment, DeploymentStatus as TaskSetStatus, Service};

use super::{Action, Plan, failure, replacement_weight, seen_of};

/// How long a replacement may take to become healthy.
/// Source: "A timeout occurs while waiting for replacement task set" in the CodeDeploy guide.
const INSTALL_LIMIT_MINUTES: i64 = 60;

/// The replacement is made on the target group that does not serve, and becomes steady.
pub fn install(service: &Service, plan: &mut Plan, now: Timestamp) {
    if plan.deployment.status == DeploymentStatus::Created {
        plan.deployment.status = DeploymentStatus::InProgress;
        plan.deployment.started_at = Some(now);
        plan.deployment.updated_at = now;
        plan.deployment.pass("BeforeInstall", now);
        plan.deployment.begin("Install", now);
    }
    let Some(replacement) = plan.deployment.replacement.clone() else {
        return prepare(service, plan);
    };
    let state = service.deployments.iter().find(|set| set.id == replacement.id);
    let stable = state.and_then(|set| set.task_set.as_ref()).is_some_and(|set| set.stable);
    if stable {
        plan.deployment.pass("Install", now);
        plan.deployment.pass("AfterInstall", now);
        test_traffic(plan, now);
        plan.deployment.enter(Stage::Wait, now);
        return;
    }
    let limit = plan.deployment.stage_since.plus_secs(INSTALL_LIMIT_MINUTES * 60);
    if now >= limit {
        let why = failure(
            "TIMEOUT",
            "The deployment timed out while waiting for the replacement task set to become healthy. This time out \
             period is 60 minutes.",
        );
        let roll_back = plan.deployment.roll_back_on_failure;
        plan.end(DeploymentStatus::Failed, why, roll_back, now);
        return;
    }
    let what = format!(
        "the replacement task set {} to become steady: {} of {} tasks run",
        replacement.id, replacement.running_count, replacement.desired_count
    );
    plan.wait(what, Some(limit));
}

/// What an earlier deployment has left behind goes first: it may have tasks in the target
/// group that is needed.
fn prepare(service: &Service, plan: &mut Plan) {
    let primary = service.deployments.iter().find(|set| set.status == TaskSetStatus::Primary);
    let Some(primary) = primary else { return };
    let original = seen_of(service, primary, &[]);
    let target_group = plan.deployment.route.other(&original.target_group).to_owned();
    plan.deployment.original.get_or_insert(original);
    let left: Vec<_> = service.deployments.iter().filter(|set| set.id != primary.id).collect();
    let staying = |set: &&&Deployment| set.task_set.as_ref().is_some_and(|set| !set.draining);
    let going: Vec<_> = left.iter().filter(staying).map(|set| set.id.clone()).collect();
    if left.is_empty() || !going.is_empty() {
        // What an earlier deployment has left behind serves no more, and the target group is in
        // use before its tasks come, so that they are checked before they serve.
        plan.actions.extend(plan.deployment.original.as_ref().map(|original| Action::Route {
            listener: plan.deployment.route.production_listener.clone(),
            from: original.target_group.clone(),
            to: target_group.clone(),
            percent: 0,
        }));
    }
    if left.is_empty() {
        plan.actions.push(Action::CreateTaskSet { target_group });
        return;
    }
    plan.actions.extend(going.into_iter().map(|task_set| Action::DeleteTaskSet { task_set }));
    plan.wait("the task set of an earlier deployment to stop", None);
}

/// The test listener shows the replacement.
fn test_traffic(plan: &mut Plan, now: Timestamp) {
    if let Some(listener) = plan.deployment.route.test_listener.clone() {
        route(plan, listener, 100);
    }
    plan.deployment.pass("AllowTestTraffic", now);
    plan.deployment.pass("AfterAllowTestTraffic", now);
}

fn route(plan: &mut Plan, listener: String, percent: u32) {
    let deployment = &plan.deployment;
    if let (Some(original), Some(replacement)) = (&deployment.original, &deployment.replacement) {
        plan.actions.push(Action::Route {
            listener,
            from: original.target_group.clone(),
            to: replacement.target_group.clone(),
            percent,
        });
    }
}

/// Whoever tests has time, where the group says so.
pub fn wait(plan: &mut Plan, now: Timestamp) {
    let deployment = &mut plan.deployment;
    let minutes = match deployment.ready {
        Ready::StopAfterMinutes(minutes) if !deployment.go_on => minutes,
        _ => {
            deployment.status = DeploymentStatus::InProgress;
            deployment.pass("BeforeAllowTraffic", now);
            deployment.begin("AllowTraffic", now);
            deployment.enter(Stage::Shift, now);
            return;
        }
    };
    let limit = deployment.stage_since.plus_secs(i64::from(minutes) * 60);
    if now < limit {
        deployment.status = DeploymentStatus::Ready;
        let what = format!("ContinueDeployment, until {}", limit.iso8601_secs());
        return plan.wait(what, Some(limit));
    }
    let why = failure(
        "MANUAL_STOP",
        format!(
            "The traffic was not rerouted within the {minutes} minutes that the deployment group gives."
        ),
    );
    let roll_back = deployment.roll_back_on_failure;
    plan.end(DeploymentStatus::Stopped, why, roll_back, now);
}

/// The production traffic moves over, in the steps of the deployment configuration.
pub fn shift(plan: &mut Plan, now: Timestamp) {
    let deployment = &mut plan.deployment;
    let (weight, next) = replacement_weight(deployment.traffic, deployment.stage_since, now);
    if weight != deployment.replacement_weight {
        deployment.replacement_weight = weight;
        deployment.updated_at = now;
        let listener = deployment.route.production_listener.clone();
        route(plan, listener, weight);
    }
    if let Some(next) = next {
        let what =
            format!("{weight}% of the traffic at the replacement; more at {}", next.iso8601_secs());
        return plan.wait(what, Some(next));
    }
    let replacement = plan.deployment.replacement.clone();
    plan.actions.extend(replacement.map(|set| Action::MakePrimary { task_set: set.id }));
    plan.deployment.pass("AllowTraffic", now);
    plan.deployment.pass("AfterAllowTraffic", now);
    plan.deployment.enter(Stage::Terminate, now);
}

/// The original task set stays to go back to, then it goes.
pub fn terminate(service: &Service, plan: &mut Plan, now: Timestamp) {
    if let Some(minutes) = plan.deployment.termination_wait_minutes {
        let due = plan.deployment.stage_since.plus_secs(i64::from(minutes) * 60);
        if now < due && !plan.deployment.terminate_now {
            let what = format!("the original task set, which goes at {}", due.iso8601_secs());
            return plan.wait(what, Some(due));
        }
        delete(service, plan.deployment.original.as_ref().map(|set| set.id.clone()), plan);
        if let Some(original) = &mut plan.deployment.original {
            original.status = "DRAINING".into();
            original.desired_count = 0;
        }
    }
    plan.deployment.end(DeploymentStatus::Succeeded, now);
}

fn delete(service: &Service, id: Option<String>, plan: &mut Plan) {
    let there = |id: &String| service.deployments.iter().any(|set| set.id == *id);
    let found = id.filter(there);
    plan.actions.extend(found.map(|task_set| Action::DeleteTaskSet { task_set }));
}

/// A rollback: everything goes to the original again, and the replacement goes.
pub fn restore(service: &Service, plan: &mut Plan, now: Timestamp) {
    plan.deployment.started_at = Some(now);
    plan.deployment.begin("AllowTraffic", now);
    let listeners = [
        Some(plan.deployment.route.production_listener.clone()),
        plan.deployment.route.test_listener.clone(),
    ];
    for listener in listeners.into_iter().flatten() {
        route(plan, listener, 0);
    }
    plan.deployment.replacement_weight = 0;
    let original = plan.deployment.original.clone();
    plan.actions.extend(original.map(|set| Action::MakePrimary { task_set: set.id }));
    delete(service, plan.deployment.replacement.as_ref().map(|set| set.id.clone()), plan);
    plan.deployment.pass("AllowTraffic", now);
    plan.deployment.give_up(now);
    plan.deployment.end(DeploymentStatus::Succeeded, now);
}
