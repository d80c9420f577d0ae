//! Scripted scenarios of the service scheduler: a world in which tasks start,
//! become healthy and stop as the script says, and whose snapshot is what a
//! user reads: the service's events with relative times.

#[path = "scenarios/blocked.rs"]
mod blocked;
#[path = "scenarios/failing.rs"]
mod failing;
#[path = "scenarios/health.rs"]
mod health;
#[path = "scenarios/rebalance.rs"]
mod rebalance;
#[path = "scenarios/rollback.rs"]
mod rollback;
#[path = "scenarios/scaling.rs"]
mod scaling;
#[path = "scenarios/thresholds.rs"]
mod thresholds;
#[path = "scenarios/world.rs"]
mod world;

use expect_test::expect;
use world::World;

#[test]
fn a_service_starts_and_reaches_its_steady_state() {
    let mut world = World::new(2, "{}");
    world.run(5);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        2s t1 d1 RUNNING
        2s t2 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_new_deployment_never_drops_below_the_minimum() {
    let mut world = World::new(2, "{}");
    world.run(5);
    world.deploy("app:2");
    world.run(10);
    assert!(world.fewest_healthy_since_steady >= 2, "{}", world.story());
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        5s has started 2 tasks: (task t3) (task t4).
        7s has stopped 2 running tasks: (task t1) (task t2).
        7s (deployment d2) deployment completed.
        7s has reached a steady state.
        7s t3 d2 RUNNING
        7s t4 d2 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn with_a_minimum_of_zero_and_a_maximum_of_one_hundred_old_tasks_go_first() {
    let mut world = World::new(1, r#"{"minimumHealthyPercent": 0, "maximumPercent": 100}"#);
    world.run(4);
    world.deploy("app:2");
    world.run(8);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has stopped 1 running tasks: (task t1).
        4s has started 1 tasks: (task t2).
        6s (deployment d2) deployment completed.
        6s has reached a steady state.
        6s t2 d2 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn an_unhealthy_task_is_replaced_start_first() {
    let mut world = World::new(1, "{}");
    world.run(4);
    world.sicken("t1");
    world.run(8);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2). Amazon ECS replaced 1 tasks due to an unhealthy status.
        6s (task t1) failed container health checks.
        6s has stopped 1 running tasks: (task t1).
        6s has reached a steady state.
        6s t2 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn the_circuit_breaker_stops_a_bad_deployment_and_rolls_back() {
    let mut world =
        World::new(1, r#"{"deploymentCircuitBreaker": {"enable": true, "rollback": true}}"#);
    world.run(4);
    world.deploy("app:bad");
    world.run(30);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2).
        5s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        6s has started 1 tasks: (task t3).
        7s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:09Z.
        7s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        9s has started 1 tasks: (task t4).
        10s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: no such image.
        10s (deployment d2) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        10s (deployment d2) deployment failed: tasks failed to start.
        10s rolling back to deployment d1.
        10s (deployment d1) deployment completed.
        10s has reached a steady state.
        10s t1 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn tasks_that_never_start_are_tried_ever_more_slowly_and_recover() {
    let mut world = World::with_definition(1, "{}", "app:bad");
    world.run(20);
    world.mend();
    world.run(20);
    let tries = world.story().lines().filter(|line| line.contains("has started")).count();
    assert!((4..=6).contains(&tries), "{}", world.story());
    assert!(world.story().contains("has reached a steady state."), "{}", world.story());
}

#[test]
fn scaling_in_stops_what_does_not_run_first() {
    let mut world = World::new(3, "{}");
    world.run(5);
    world.scale(1);
    world.run(4);
    world.scale(0);
    world.run(4);
    expect![[r#"
        0s has started 3 tasks: (task t1) (task t2) (task t3).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        5s has stopped 2 running tasks: (task t1) (task t2).
        5s has reached a steady state.
        9s has stopped 1 running tasks: (task t3).
        9s has reached a steady state."#]]
    .assert_eq(&world.story());
}

#[test]
fn a_deleted_service_drains_and_is_inactive() {
    let mut world = World::new(2, "{}");
    world.run(4);
    world.delete();
    world.run(4);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has stopped 2 running tasks: (task t1) (task t2).
        INACTIVE"#]]
    .assert_eq(&world.story());
}

#[test]
fn task_sets_stand_beside_each_other_until_one_goes() {
    let mut world = World::new(2, "{}").by_code_deploy();
    world.run(5);
    world.add_task_set("app:2");
    world.run(5);
    world.drain_task_set("d1");
    world.run(5);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (taskSet d1) updated state to STEADY_STATE.
        2s has reached a steady state.
        5s has started 2 tasks: (task t3) (task t4).
        7s (taskSet d2) updated state to STEADY_STATE.
        7s has reached a steady state.
        10s has stopped 2 running tasks: (task t1) (task t2).
        10s has reached a steady state.
        10s t3 d2 RUNNING
        10s t4 d2 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn every_task_set_is_scaled() {
    let mut world = World::new(1, "{}").by_code_deploy();
    world.add_task_set("app:2");
    world.run(5);
    world.scale(2);
    world.run(5);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        0s has started 1 tasks: (task t2).
        2s (taskSet d1) updated state to STEADY_STATE.
        2s (taskSet d2) updated state to STEADY_STATE.
        2s has reached a steady state.
        5s has started 1 tasks: (task t3).
        5s has started 1 tasks: (task t4).
        7s (taskSet d1) updated state to STEADY_STATE.
        7s (taskSet d2) updated state to STEADY_STATE.
        7s has reached a steady state.
        7s t1 d1 RUNNING
        7s t2 d2 RUNNING
        7s t3 d1 RUNNING
        7s t4 d2 RUNNING"#]]
    .assert_eq(&world.story());
}
