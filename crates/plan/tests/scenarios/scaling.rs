//! Scaling: to none and back, and which task goes.

use expect_test::expect;

use crate::world::World;

#[test]
fn to_none_and_back() {
    let mut world = World::new(2, "{}");
    world.run(4);
    world.scale(0);
    world.run(4);
    world.scale(2);
    world.run(4);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has stopped 2 running tasks: (task t1) (task t2).
        4s has reached a steady state.
        8s has started 2 tasks: (task t3) (task t4).
        10s has reached a steady state.
        10s t3 d1 RUNNING
        10s t4 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn the_steady_state_is_told_once_though_what_was_replaced_ends_after_it() {
    let mut world = World::new(1, "{}");
    world.run(4);
    world.linger(Some("t1"));
    world.exit("t1");
    world.run(4);
    world.linger(None);
    world.run(4);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2).
        6s has reached a steady state.
        6s t2 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_healthy_task_stays_and_one_that_is_not_yet_goes() {
    let mut world = World::new(2, "{}").balanced(0);
    world.probe("t2", true);
    world.run(4);
    world.scale(1);
    world.run(4);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        4s has stopped 1 running tasks: (task t1).
        4s (deployment d1) deployment completed.
        4s has reached a steady state.
        4s t2 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn the_zone_that_has_the_most_loses_one() {
    let mut world = World::new(3, "{}");
    world.run(4);
    world.place("t1", "a");
    world.place("t2", "a");
    world.place("t3", "b");
    world.scale(2);
    world.run(4);
    expect![[r#"
        0s has started 3 tasks: (task t1) (task t2) (task t3).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has stopped 1 running tasks: (task t1).
        4s has reached a steady state.
        4s t2 d1 RUNNING
        4s t3 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_protected_task_stays_and_its_end_is_waited_for() {
    let mut world = World::new(2, "{}");
    world.run(4);
    world.protect("t1", 10);
    world.protect("t2", 20);
    world.scale(0);
    world.run(30);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s was unable to reach steady state because (taskSet d1) was unable to scale in due to (reason 2 tasks under protection)
        14s was unable to reach steady state because (taskSet d1) was unable to scale in due to (reason 1 tasks under protection)
        14s has stopped 1 running tasks: (task t1).
        24s has stopped 1 running tasks: (task t2).
        24s has reached a steady state."#]]
    .assert_eq(&world.story());
}

#[test]
fn a_protected_task_that_does_not_run_yet_takes_no_healthy_ones_place() {
    let mut world = World::new(2, "{}");
    world.run(4);
    world.scale(3);
    world.run(1);
    world.protect("t3", 60);
    world.scale(2);
    world.run(6);
    assert!(world.fewest_healthy_since_steady >= 2, "{}", world.story());
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t3).
        5s was unable to reach steady state because (taskSet d1) was unable to scale in due to (reason 1 tasks under protection)
        6s has stopped 1 running tasks: (task t1).
        6s has reached a steady state.
        6s t2 d1 RUNNING
        6s t3 d1 RUNNING"#]]
    .assert_eq(&world.story());
}
