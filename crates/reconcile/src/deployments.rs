//! The deployments loop: `plan::blue_green` on every deployment of CodeDeploy that is
//! under way, and its next step put into the store in one transaction.

mod apply;
mod permissions;

use std::sync::Arc;

use neargate_api::model::cloudwatch::{Alarm, AlarmState};
use neargate_api::model::codedeploy::Deployment;
use neargate_api::model::ecs::{Service, ServiceStatus, Task};
use neargate_api::{Record, Snapshot, Timestamp};
use neargate_plan::blue_green::{Plan, View, plan};
use tokio::sync::watch;

use crate::hands::Hands;

/// Whatever waits is looked at again after this at the latest.
const LONGEST_WAIT_MS: i64 = 10_000;

pub async fn run(hands: Arc<Hands>, mut stop: watch::Receiver<bool>) {
    let mut changes = hands.cloud.store.changes();
    let mut seen = None;
    loop {
        let snapshot = hands.cloud.store.snapshot();
        let now = hands.cloud.clock.now();
        let versions = versions(&snapshot);
        let mut look_at = now.plus_millis(LONGEST_WAIT_MS);
        if seen != Some(versions) {
            let turn = turn(&hands, &snapshot, now).await;
            hands.progress.note("deployments", now, turn.waits_for);
            seen = Some(versions).filter(|_| turn.wake_at.is_none());
            if let Some(at) = turn.wake_at {
                look_at = at.clamp(now.plus_millis(1), look_at);
            }
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = hands.cloud.sleep_until(look_at) => seen = None,
            () = crate::stopped(&mut stop) => return,
        }
    }
}

fn versions(snapshot: &Snapshot) -> [u64; 4] {
    [
        snapshot.version_of::<Deployment>(),
        snapshot.version_of::<Service>(),
        snapshot.version_of::<Task>(),
        snapshot.version_of::<Alarm>(),
    ]
}

struct Turn {
    waits_for: Vec<String>,
    wake_at: Option<Timestamp>,
}

async fn turn(hands: &Hands, snapshot: &Snapshot, now: Timestamp) -> Turn {
    let mut turn = Turn { waits_for: Vec::new(), wake_at: None };
    for deployment in snapshot.all::<Deployment>().filter(|d| !d.status.is_final()) {
        let plan = next_step(snapshot, &deployment, now);
        turn.waits_for
            .extend(plan.waits_for.iter().map(|what| format!("{}: {what}", deployment.id)));
        turn.wake_at = [turn.wake_at, plan.wake_at].into_iter().flatten().min();
        if plan.changes_nothing(&deployment) {
            continue;
        }
        if let Err(error) = apply::apply(hands, deployment.key(), now).await {
            turn.waits_for.push(format!("{}: {error}", deployment.id));
            turn.wake_at = Some(now.plus_secs(1));
            tracing::warn!(%error, deployment = deployment.id, "a step could not be put into effect");
        }
    }
    turn
}

/// What the plan says of a deployment in this state of everything.
fn next_step(snapshot: &Snapshot, deployment: &Deployment, now: Timestamp) -> Plan {
    let key = Service::key_of(&deployment.region, &deployment.cluster, &deployment.service);
    let service = snapshot.get::<Service>(&key).filter(|s| s.status == ServiceStatus::Active);
    let tasks = tasks_of(snapshot, deployment);
    let alarms = active_alarms(snapshot, deployment);
    let missing_alarms = missing_alarms(snapshot, deployment);
    let view = View {
        deployment,
        service: service.as_deref(),
        tasks: &tasks,
        alarms: &alarms,
        missing_alarms: &missing_alarms,
    };
    plan(&view, now)
}

fn tasks_of(snapshot: &Snapshot, deployment: &Deployment) -> Vec<Arc<Task>> {
    let prefix = format!("{}/{}/", deployment.region, deployment.cluster);
    let own = |task: &Arc<Task>| task.service.as_deref() == Some(deployment.service.as_str());
    snapshot.scan::<Task>(&prefix).filter(own).collect()
}

fn active_alarms(snapshot: &Snapshot, deployment: &Deployment) -> Vec<String> {
    let in_alarm = |name: &&String| {
        let alarm = snapshot.get::<Alarm>(&Alarm::key_of(&deployment.region, name));
        alarm.is_some_and(|alarm| alarm.state == AlarmState::Alarm)
    };
    deployment.alarms.iter().filter(in_alarm).cloned().collect()
}

fn missing_alarms(snapshot: &Snapshot, deployment: &Deployment) -> Vec<String> {
    let missing = |name: &&String| {
        !deployment.ignore_missing_alarms
            && !snapshot.contains::<Alarm>(&Alarm::key_of(&deployment.region, name))
    };
    deployment.alarms.iter().filter(missing).cloned().collect()
}
