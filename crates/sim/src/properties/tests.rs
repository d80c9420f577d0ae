//! Each property, broken on purpose: in a world where all is well somebody writes what must not
//! be, and that has to be found. So no property can come to hold of everything.

use expect_test::{Expect, expect};
use neargate_api::{Record, Rng, Tx};
use neargate_model::ec2::NetworkInterface;
use neargate_model::ecs::{
    DeploymentStatus, DeploymentStop, HealthStatus, RolloutState, Service, SpotShortage, StopCode,
    Task, TaskStatus,
};
use neargate_model::elbv2::Target;

use crate::base;
use crate::scenario::{Action, Breaker, Scenario, Share};
use crate::user::SERVICE;
use crate::world::{Who, World};

mod deployments;

/// A world in which a service of two tasks is as it shall be.
pub fn steady() -> World {
    world(Scenario::plain(2))
}

fn balanced() -> World {
    world(Scenario { has_balancer: true, ..Scenario::plain(2) })
}

fn world(scenario: Scenario) -> World {
    let mut world = World::of(scenario, Rng::seeded(1), 1);
    assert_eq!(world.pass(40_000), Ok(()));
    world
}

/// A deployment that does not get far: its alarm is watched, and two failures end it.
fn under_way() -> World {
    let breaker = Breaker { rollback: true, count: Some(2), resets: true };
    let mut scenario = Scenario {
        breaker: Some(breaker),
        alarm: Some(true),
        has_check: true,
        actions: vec![(70_000, Action::Deploy { revision: 2 })],
        ..Scenario::plain(2)
    };
    scenario.images[1] = crate::scenario::Image::Sick { after_ms: 0 };
    let mut world = World::of(scenario, Rng::seeded(1), 1);
    assert_eq!(world.pass(73_000), Ok(()));
    let service = world.service().expect("the service");
    assert_eq!(service.primary().expect("a deployment").rollout, RolloutState::InProgress);
    world
}

/// What is found, without the time, when somebody writes this.
fn check(world: &mut World, who: Who, change: impl FnOnce(&mut Tx), expected: Expect) {
    assert!(world.write(who, |tx, _| change(tx)).is_ok());
    let found = world.broken.take().unwrap_or_else(|| "nothing is found".into());
    let found = found.split(", after ").next().unwrap_or_default();
    expected.assert_eq(&world.chronicle.shortened(found));
}

/// What is found when the scheduler leaves all as it is and says that it waits for this.
fn check_idle(world: &mut World, waits_for: &[&str], expected: Expect) {
    let waits_for: Vec<String> = waits_for.iter().map(|what| what.to_string()).collect();
    let (snapshot, now) = (world.store().snapshot(), world.now());
    let found = world.properties.check_idle((world.at_ms, now), &snapshot, &waits_for);
    let found = found.unwrap_or_else(|| "nothing is found".into());
    let found = found.split(", after ").next().unwrap_or_default();
    expected.assert_eq(&world.chronicle.shortened(found));
}

fn tasks(tx: &Tx) -> Vec<Task> {
    let there = |task: &Task| task.status != TaskStatus::Stopped;
    tx.view().all::<Task>().map(|task| Task::clone(&task)).filter(there).collect()
}

fn service_key() -> String {
    Service::key_of(base::REGION, base::CLUSTER, SERVICE)
}

fn update(tx: &mut Tx, change: impl FnOnce(&mut Service)) {
    tx.update::<Service>(&service_key(), change).expect("the service");
}

/// Starts so many tasks more.
fn start(tx: &mut Tx, count: u32) {
    let like = tasks(tx)[0].clone();
    for number in 0..count {
        tx.put(Task {
            id: format!("{number:032}"),
            status: TaskStatus::Provisioning,
            private_ip: None,
            interface_id: None,
            started_at: None,
            ..like.clone()
        });
    }
}

fn stop(tx: &mut Tx, task: &Task, reason: &str) {
    let code = StopCode::ServiceSchedulerInitiated;
    tx.update::<Task>(&task.key(), |task| task.request_stop(code, reason, task.created_at));
}

#[test]
fn more_tasks_are_started_than_the_maximum() {
    check(
        &mut steady(),
        Who::Scheduler,
        |tx| start(tx, 3),
        expect!["3 tasks are started, which makes 5: the maximum is 4"],
    );
}

#[test]
fn a_healthy_task_is_stopped_that_the_minimum_needs() {
    check(
        &mut steady(),
        Who::Scheduler,
        |tx| {
            let first = tasks(tx)[0].clone();
            stop(tx, &first, "Scaling activity initiated by nobody");
        },
        expect!["1 healthy tasks are stopped, which leaves 1: the minimum is 2"],
    );
}

#[test]
fn too_many_tasks_are_left_and_no_reason_is_given() {
    let mut world = steady();
    check(&mut world, Who::User, |tx| start(tx, 3), expect![["nothing is found"]]);
    check_idle(
        &mut world,
        &["1 of 2 tasks to become healthy"],
        expect![
            "above the maximum for 0 ms, Counts { wanted: 5, healthy: 2, minimum: 2, maximum: 4 }: 1 of 2 tasks to become healthy"
        ],
    );
    check_idle(
        &mut world,
        &["the protection of (task t1) to end"],
        expect![
            "above the maximum for 0 ms, Counts { wanted: 5, healthy: 2, minimum: 2, maximum: 4 }: the protection of (task t1) to end"
        ],
    );
}

#[test]
fn too_few_tasks_are_left_and_no_reason_is_given() {
    let mut world = steady();
    let stop_one = |tx: &mut Tx| {
        let first = tasks(tx)[0].clone();
        stop(tx, &first, "by a user");
    };
    check(&mut world, Who::User, stop_one, expect![["nothing is found"]]);
    check_idle(
        &mut world,
        &[],
        expect![
            "below the minimum for 0 ms, Counts { wanted: 1, healthy: 1, minimum: 2, maximum: 4 }: "
        ],
    );
    check_idle(
        &mut world,
        &["1 of 2 tasks to become healthy"],
        expect![
            "below the minimum for 0 ms, Counts { wanted: 1, healthy: 1, minimum: 2, maximum: 4 }: 1 of 2 tasks to become healthy"
        ],
    );
    check_idle(
        &mut world,
        &["room for 1 more tasks: the maximum is 4"],
        expect![
            "below the minimum for 0 ms, Counts { wanted: 1, healthy: 1, minimum: 2, maximum: 4 }: room for 1 more tasks: the maximum is 4"
        ],
    );
    check_idle(
        &mut world,
        &["the next try to start tasks, at noon"],
        expect![
            "below the minimum for 0 ms, Counts { wanted: 1, healthy: 1, minimum: 2, maximum: 4 }: the next try to start tasks, at noon"
        ],
    );
    world.at_ms += 20_000;
    let any =
        |tx: &mut Tx| update(tx, |service| service.created_at = service.created_at.plus_secs(1));
    check(
        &mut world,
        Who::User,
        any,
        expect![
            "Counts { wanted: 1, healthy: 1, minimum: 2, maximum: 4 }, and the scheduler has not looked for 20000 ms"
        ],
    );
}

#[test]
fn a_task_belongs_to_no_deployment() {
    let disown = |tx: &mut Tx| update(tx, |service| service.deployments[0].id = "another".into());
    check(&mut steady(), Who::User, disown, expect!["(task t1) belongs to no deployment"]);
}

#[test]
fn a_task_goes_back() {
    let back = |tx: &mut Tx| {
        let key = tasks(tx)[0].key();
        tx.update::<Task>(&key, |task| task.status = TaskStatus::Pending);
    };
    check(&mut steady(), Who::Story, back, expect!["(task t1) goes from RUNNING to PENDING"]);
}

#[test]
fn a_container_is_stopped_while_its_target_drains() {
    let hasten = |tx: &mut Tx| {
        let key = tasks(tx)[0].key();
        tx.update::<Task>(&key, |task| task.status = TaskStatus::Stopping);
    };
    check(&mut balanced(), Who::Story, hasten, expect!["(task t1) is STOPPING while it drains"]);
}

#[test]
fn a_drain_does_not_go_on() {
    let mut world = balanced();
    let drain = |tx: &mut Tx| {
        let first = tasks(tx)[0].clone();
        let ip = first.private_ip.as_deref().unwrap_or_default();
        let until = first.created_at.plus_secs(1_000);
        let key = Target::key_of(base::TARGET_GROUP, ip, 80);
        tx.update::<Target>(&key, |target| target.set_draining(until));
    };
    check(&mut world, Who::Story, drain, expect![["nothing is found"]]);
    let longer = |tx: &mut Tx| {
        for target in tx.view().all::<Target>().collect::<Vec<_>>() {
            tx.update::<Target>(&target.key(), |target| {
                target.drains_until = target.drains_until.map(|until| until.plus_secs(1));
            });
        }
    };
    check(&mut world, Who::Balancer, longer, expect!["the drain of 10.0.2.237 does not go on"]);
}

#[test]
fn what_a_task_had_is_left_behind() {
    let end = |tx: &mut Tx| {
        let key = tasks(tx)[0].key();
        tx.update::<Task>(&key, |task| task.status = TaskStatus::Stopped);
    };
    check(
        &mut steady(),
        Who::Story,
        end,
        expect!["(task t1) is over and leaves its interface us-west-2/eni-eb7968be14e3bb0a3"],
    );
    let end_and_release = |tx: &mut Tx| {
        let first = tasks(tx)[0].clone();
        let interface = first.interface_id.clone().unwrap_or_default();
        tx.delete::<NetworkInterface>(&format!("{}/{interface}", base::REGION));
        tx.update::<Task>(&first.key(), |task| task.status = TaskStatus::Stopped);
    };
    check(
        &mut balanced(),
        Who::Story,
        end_and_release,
        expect!["(task t1) is over and leaves its target 10.0.2.237"],
    );
    check(
        &mut steady(),
        Who::Story,
        end_and_release,
        expect!["the container of (task t1) has no task"],
    );
}

#[test]
fn an_interface_and_a_target_come_without_a_task() {
    let interface = |tx: &mut Tx| {
        let one = tx.view().all::<NetworkInterface>().next().expect("an interface");
        let interface_id = "eni-1".to_owned();
        tx.put(NetworkInterface { interface_id, ..NetworkInterface::clone(&one) });
    };
    check(&mut balanced(), Who::Story, interface, expect!["the interface eni-1 has no task"]);
    let target = |tx: &mut Tx| {
        let one = tx.view().all::<Target>().next().expect("a target");
        tx.put(Target { ip: "10.0.9.9".into(), ..Target::clone(&one) });
    };
    check(&mut balanced(), Who::Story, target, expect!["the target 10.0.9.9 has no task"]);
}

const SPOT: &[Share] = &[Share::fargate(0, 1), Share::spot(0, 1)];

fn on_spot() -> World {
    world(Scenario { strategy: SPOT, ..Scenario::plain(2) })
}

#[test]
fn an_interruption_does_not_say_so_or_is_late() {
    let one = |tx: &mut Tx| {
        let on_spot = |t: &&Task| t.wire.capacity_provider_name.as_deref() == Some("FARGATE_SPOT");
        tasks(tx).iter().find(on_spot).cloned().expect("a task on Fargate Spot")
    };
    let quiet = |tx: &mut Tx| {
        let task = one(tx);
        tx.update::<Task>(&task.key(), |task| {
            task.interrupt(1_000, task.created_at);
            task.stop = None;
        });
    };
    check(
        &mut on_spot(),
        Who::User,
        quiet,
        expect!["(task t1) is interrupted and does not say so"],
    );
    let mut world = on_spot();
    let notice = |tx: &mut Tx| {
        let (task, now) = (one(tx), base::START.plus_secs(40));
        tx.update::<Task>(&task.key(), |task| task.interrupt(1_000, now));
    };
    check(&mut world, Who::User, notice, expect![["nothing is found"]]);
    world.at_ms += 2_000;
    check(
        &mut world,
        Who::User,
        |tx| tx.put(base::alarm(true)),
        expect!["(task t1) is interrupted and runs on"],
    );
}

#[test]
fn a_task_is_placed_where_there_is_no_capacity_or_where_it_is_not_due() {
    let on = |tx: &mut Tx, provider: &str, count: u32| {
        start(tx, count);
        for task in tasks(tx).iter().filter(|task| task.private_ip.is_none()) {
            tx.update::<Task>(&task.key(), |task| {
                task.wire.capacity_provider_name = Some(provider.into());
            });
        }
    };
    let mut world = on_spot();
    let short = |tx: &mut Tx| tx.put(SpotShortage { since: base::START });
    check(&mut world, Who::User, short, expect![["nothing is found"]]);
    check(
        &mut world,
        Who::Scheduler,
        |tx| on(tx, "FARGATE_SPOT", 1),
        expect!["(task t3) is placed on FARGATE_SPOT, which has no capacity"],
    );
    check(
        &mut on_spot(),
        Who::Scheduler,
        |tx| on(tx, "FARGATE", 2),
        expect![[
            r#"Part { provider: "FARGATE", base: 0, weight: 1, tasks: 3 } gets a task that is due to Part { provider: "FARGATE_SPOT", base: 0, weight: 1, tasks: 1 }"#
        ]],
    );
}

#[test]
fn a_container_that_was_killed_for_memory_does_not_say_so() {
    let mut world = steady();
    let id = tasks_of(&world)[0].id.clone();
    world.properties.note_kill(&id);
    let end = |tx: &mut Tx| {
        let key = Task::key_of(base::REGION, base::CLUSTER, &id);
        tx.update::<Task>(&key, |task| {
            let at = task.created_at;
            task.request_stop(StopCode::EssentialContainerExited, "it ended", at);
            task.containers[0].status = neargate_model::ecs::ContainerStatus::Stopped;
        });
    };
    check(
        &mut world,
        Who::Story,
        end,
        expect!["(task t1) was killed for memory and says otherwise"],
    );
}

fn tasks_of(world: &World) -> Vec<Task> {
    world.store().snapshot().all::<Task>().map(|task| Task::clone(&task)).collect()
}

#[test]
fn a_container_has_no_task() {
    let mut world = steady();
    let container = world.machine.containers.values().next().cloned().expect("a container");
    world.machine.containers.insert("nobody".into(), container);
    check(
        &mut world,
        Who::User,
        |tx| tx.put(base::alarm(true)),
        expect!["the container of (task nobody) has no task"],
    );
}
