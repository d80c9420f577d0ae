//! Health checks: the grace period, and what becomes of tasks that fail theirs.

use expect_test::expect;

use crate::world::World;

#[test]
fn a_task_that_its_load_balancer_finds_unhealthy_is_replaced_start_first() {
    let mut world = World::new(1, "{}").balanced(0);
    world.probe("t1", true);
    world.run(4);
    world.probe("t1", false);
    world.run(4);
    world.probe("t2", true);
    world.run(4);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2). Amazon ECS replaced 1 tasks due to an unhealthy status.
        8s (task t1) (port 80) is unhealthy in (target-group web) due to (reason Health checks failed with these codes: [503]).
        8s has stopped 1 running tasks: (task t1).
        8s has reached a steady state.
        8s t2 d1 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn failing_checks_mean_nothing_within_the_grace_period() {
    let mut world = World::new(1, "{}").balanced(10);
    world.probe("t1", false);
    world.run(20);
    world.probe("t2", true);
    world.run(5);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        12s has started 1 tasks: (task t2). Amazon ECS replaced 1 tasks due to an unhealthy status.
        20s (task t1) (port 80) is unhealthy in (target-group web) due to (reason Health checks failed with these codes: [503]).
        20s has stopped 1 running tasks: (task t1).
        20s (deployment d1) deployment completed.
        20s has reached a steady state.
        20s t2 d1 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn a_container_s_own_failing_check_means_nothing_within_the_grace_period_either() {
    let mut world = World::new(1, "{}").balanced(10);
    world.probe("t1", true);
    world.run(1);
    world.sicken("t1");
    world.run(19);
    world.probe("t2", true);
    world.run(5);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        12s has started 1 tasks: (task t2). Amazon ECS replaced 1 tasks due to an unhealthy status.
        20s (task t1) failed container health checks.
        20s has stopped 1 running tasks: (task t1).
        20s (deployment d1) deployment completed.
        20s has reached a steady state.
        20s t2 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_container_whose_check_passes_before_the_grace_period_ends_stays() {
    let mut world = World::new(1, "{}").balanced(10);
    world.probe("t1", true);
    world.run(1);
    world.sicken("t1");
    world.run(8);
    world.recover("t1");
    world.run(11);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        9s (deployment d1) deployment completed.
        9s has reached a steady state.
        9s t1 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn without_room_for_another_one_an_unhealthy_task_is_stopped_first() {
    let mut world = World::new(2, r#"{"minimumHealthyPercent": 50, "maximumPercent": 100}"#);
    world.run(4);
    world.sicken("t1");
    world.run(8);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s (task t1) failed container health checks.
        4s has stopped 1 running tasks: (task t1).
        4s has started 1 tasks: (task t3). Amazon ECS replaced 1 tasks due to an unhealthy status.
        6s has reached a steady state.
        6s t2 d1 RUNNING
        6s t3 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_task_whose_essential_container_ends_is_started_again() {
    let mut world = World::new(2, "{}");
    world.run(4);
    world.exit("t2");
    world.run(8);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t3).
        6s has reached a steady state.
        6s t1 d1 RUNNING
        6s t3 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn the_time_of_the_next_try_is_told() {
    let mut world = World::with_definition(1, "{}", "app:bad");
    world.run(20);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s has started 1 tasks: (task t2).
        3s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:05Z.
        5s has started 1 tasks: (task t3).
        6s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:10Z.
        10s has started 1 tasks: (task t4).
        11s is unable to consistently start tasks successfully: 4 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:19Z.
        19s has started 1 tasks: (task t5)."#]].assert_eq(&world.story());
}
