//! Deployments that complete, fail and come back as they must not.

use super::*;

#[test]
fn the_state_is_told_and_is_not_there() {
    let mut world = steady();
    let count = |tx: &mut Tx| {
        update(tx, |service| {
            service.desired_count = 3;
            service.steady = false;
        });
    };
    check(&mut world, Who::User, count, expect![["nothing is found"]]);
    let tell = |tx: &mut Tx| update(tx, |service| service.steady = true);
    check(&mut world, Who::Scheduler, tell, expect!["the steady state is told and is not there"]);
}

#[test]
fn a_deployment_is_called_complete_and_is_not() {
    let complete = |tx: &mut Tx| update(tx, |s| s.deployments[0].rollout = RolloutState::Completed);
    check(&mut under_way(), Who::Scheduler, complete, expect!["d2 is called complete and is not"]);
}

#[test]
fn a_deployment_fails_without_a_cause() {
    let fail = |tx: &mut Tx| update(tx, |s| s.deployments[0].rollout = RolloutState::Failed);
    check(
        &mut under_way(),
        Who::Scheduler,
        fail,
        expect!["d2 fails without a cause: 0 failures of Some(2)"],
    );
    check(&mut under_way(), Who::User, fail, expect!["d2 goes from InProgress to Failed"]);
}

#[test]
fn a_deployment_has_a_cause_to_fail_and_goes_on() {
    let alarm = |tx: &mut Tx| tx.put(base::alarm(true));
    let mut world = under_way();
    check(&mut world, Who::User, alarm, expect![["nothing is found"]]);
    check_idle(
        &mut world,
        &[],
        expect!["it is not in its steady state, and nothing is waited for"],
    );
    check_idle(
        &mut world,
        &["2 of 2 tasks to become healthy"],
        expect!["d2 goes on: its alarm is on"],
    );
    let mut world = under_way();
    let ask = |tx: &mut Tx| {
        update(tx, |s| s.deployments[0].monitors.stop = Some(DeploymentStop::Abort));
    };
    check(&mut world, Who::User, ask, expect![["nothing is found"]]);
    check_idle(
        &mut world,
        &["2 of 2 tasks to become healthy"],
        expect!["d2 goes on: a user has stopped it"],
    );
    let any = |tx: &mut Tx| update(tx, |service| service.steady = false);
    check(&mut world, Who::Scheduler, any, expect!["d2 does not fail: a user has stopped it"]);
}

#[test]
fn what_a_failure_asks_for_does_not_come_back_or_another() {
    let ask = |stop: DeploymentStop| {
        move |tx: &mut Tx| update(tx, |s| s.deployments[0].monitors.stop = Some(stop))
    };
    let fail = |tx: &mut Tx| update(tx, |s| s.deployments[0].rollout = RolloutState::Failed);
    let mut world = under_way();
    check(&mut world, Who::User, ask(DeploymentStop::Rollback), expect![["nothing is found"]]);
    check(&mut world, Who::Scheduler, fail, expect!["d1 does not come back"]);
    let come_back = |id: &'static str| {
        move |tx: &mut Tx| {
            update(tx, |service| {
                service.deployments[0].rollout = RolloutState::Failed;
                service.deployments[0].status = DeploymentStatus::Active;
                let mut old = service.deployments.remove(1);
                old.status = DeploymentStatus::Primary;
                old.rollout = RolloutState::InProgress;
                if !id.is_empty() {
                    service.deployments.push(old.clone());
                    old.id = id.into();
                }
                service.deployments.insert(0, old);
            });
        }
    };
    let mut world = under_way();
    check(&mut world, Who::User, ask(DeploymentStop::Abort), expect![["nothing is found"]]);
    check(
        &mut world,
        Who::Scheduler,
        come_back(""),
        expect!["d1 comes back and nobody asked for it"],
    );
    let mut world = under_way();
    check(&mut world, Who::User, ask(DeploymentStop::Rollback), expect![["nothing is found"]]);
    check(
        &mut world,
        Who::Scheduler,
        come_back("another"),
        expect!["d3 comes back: the last that completed is d1"],
    );
}

#[test]
fn the_count_of_failures_reaches_the_threshold_and_nothing_happens() {
    let mut world = under_way();
    let end = |tx: &mut Tx| {
        let primary =
            tx.get::<Service>(&service_key()).expect("the service").deployments[0].id.clone();
        let own = tasks(tx).into_iter().filter(|task| task.deployment.as_ref() == Some(&primary));
        for task in own.collect::<Vec<_>>() {
            let interface = task.interface_id.clone().unwrap_or_default();
            tx.delete::<NetworkInterface>(&format!("{}/{interface}", base::REGION));
            tx.update::<Task>(&task.key(), |task| {
                let (code, at) = (StopCode::TaskFailedToStart, task.created_at);
                task.request_stop(code, "it did not", at);
                task.status = TaskStatus::Stopped;
            });
        }
    };
    world.machine.containers.clear();
    check(&mut world, Who::Story, end, expect![["nothing is found"]]);
    check_idle(
        &mut world,
        &["2 of 2 tasks to become healthy"],
        expect!["(task t3) has stopped and the scheduler takes no note of it"],
    );
    let any = |tx: &mut Tx| update(tx, |service| service.steady = false);
    check(&mut world, Who::Scheduler, any, expect!["(task t4) has stopped and nobody takes note"]);
    let note = |tx: &mut Tx| {
        for task in tx.view().all::<Task>().collect::<Vec<_>>() {
            tx.update::<Task>(&task.key(), |task| {
                task.accounted |= task.status == TaskStatus::Stopped;
            });
        }
    };
    check(
        &mut world,
        Who::Scheduler,
        note,
        expect!["d2 does not fail: 4 tasks of it have failed, of 2"],
    );
}

#[test]
fn a_task_is_stopped_as_unhealthy_and_is_not() {
    let accuse = |tx: &mut Tx| {
        update(tx, |service| service.desired_count = 1);
        let first = tasks(tx)[0].clone();
        stop(tx, &first, "Task failed container health checks");
    };
    check(
        &mut steady(),
        Who::Scheduler,
        accuse,
        expect!["(task t1) is stopped as unhealthy and is not"],
    );
}

#[test]
fn an_unhealthy_task_is_stopped_as_if_for_another_reason() {
    let mut world = under_way();
    let fail = |tx: &mut Tx| {
        for task in tasks(tx) {
            tx.update::<Task>(&task.key(), |task| {
                if task.containers[0].health != Some(HealthStatus::Healthy) {
                    task.containers[0].health = Some(HealthStatus::Unhealthy);
                }
            });
        }
    };
    check(&mut world, Who::Story, fail, expect![["nothing is found"]]);
    let hide = |tx: &mut Tx| {
        let fails = |task: &&Task| task.containers[0].health == Some(HealthStatus::Unhealthy);
        let own = tasks(tx).iter().find(fails).cloned().expect("a task that fails");
        stop(tx, &own, "Scaling activity initiated by nobody");
    };
    check(
        &mut world,
        Who::Scheduler,
        hide,
        expect!["(task t3) is unhealthy and stopped for another"],
    );
}
