//! What stands in a deployment's way, and how that is told.

use expect_test::expect;

use crate::world::World;

#[test]
fn percentages_that_let_nothing_move_are_told_once() {
    let mut world = World::new(1, r#"{"minimumHealthyPercent": 100, "maximumPercent": 150}"#);
    world.run(4);
    world.deploy("app:2");
    world.run(30);
    world.configure(r#"{"minimumHealthyPercent": 0, "maximumPercent": 150}"#);
    world.run(5);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.
        34s has stopped 1 running tasks: (task t1).
        34s has started 1 tasks: (task t2).
        36s (deployment d2) deployment completed.
        36s has reached a steady state.
        36s t2 d2 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn a_protected_task_outlasts_a_deployment() {
    let mut world = World::new(2, "{}");
    world.run(4);
    world.protect("t1", 20);
    world.deploy("app:2");
    world.run(30);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 2 tasks: (task t3) (task t4).
        6s has stopped 1 running tasks: (task t2).
        24s has stopped 1 running tasks: (task t1).
        24s (deployment d2) deployment completed.
        24s has reached a steady state.
        24s t3 d2 RUNNING
        24s t4 d2 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_service_is_moved_two_at_a_time_between_its_percentages() {
    let mut world = World::new(4, r#"{"minimumHealthyPercent": 50, "maximumPercent": 100}"#);
    world.run(4);
    world.deploy("app:2");
    world.run(12);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has stopped 2 running tasks: (task t1) (task t2).
        4s has started 2 tasks: (task t5) (task t6).
        6s has stopped 2 running tasks: (task t3) (task t4).
        6s has started 2 tasks: (task t7) (task t8).
        8s (deployment d2) deployment completed.
        8s has reached a steady state.
        8s t5 d2 RUNNING
        8s t6 d2 RUNNING
        8s t7 d2 RUNNING
        8s t8 d2 RUNNING"#]]
    .assert_eq(&world.story());
}
