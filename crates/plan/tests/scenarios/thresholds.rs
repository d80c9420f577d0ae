//! The circuit breaker's threshold as a percentage of the desired count. Failures come one by one
//! here: the maximum has room for one task more.

use expect_test::expect;

use crate::world::World;

/// Eight tasks that run, then a deployment of which each task fails. A quarter of them is two.
fn a_quarter(kind: &str) -> World {
    let configuration = format!(
        r#"{{"maximumPercent": 113, "deploymentCircuitBreaker": {{"enable": true, "rollback": true,
             "thresholdConfiguration": {{"type": "{kind}", "value": 25}}}}}}"#
    );
    let mut world = World::new(8, &configuration);
    world.run(4);
    world.deploy("app:bad");
    world.run(12);
    world
}

#[test]
fn an_unbounded_percentage_is_taken_as_it_is() {
    expect![[r#"
        0s has started 8 tasks: (task t1) (task t2) (task t3) (task t4) (task t5) (task t6) (task t7) (task t8).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t9).
        5s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 2.
        6s has started 1 tasks: (task t10).
        7s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image.
        7s (deployment d2) has 2 failed tasks and has reached the circuit breaker's threshold of 2.
        7s (deployment d2) deployment failed: tasks failed to start.
        7s rolling back to deployment d1.
        7s (deployment d1) deployment completed.
        7s has reached a steady state.
        7s t1 d1 RUNNING
        7s t2 d1 RUNNING
        7s t3 d1 RUNNING
        7s t4 d1 RUNNING
        7s t5 d1 RUNNING
        7s t6 d1 RUNNING
        7s t7 d1 RUNNING
        7s t8 d1 RUNNING"#]].assert_eq(&a_quarter("UNBOUNDED_PERCENT").story());
}

#[test]
fn a_bounded_percentage_is_three_failures_at_least() {
    expect![[r#"
        0s has started 8 tasks: (task t1) (task t2) (task t3) (task t4) (task t5) (task t6) (task t7) (task t8).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t9).
        5s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        6s has started 1 tasks: (task t10).
        7s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:09Z.
        7s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        9s has started 1 tasks: (task t11).
        10s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: no such image.
        10s (deployment d2) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        10s (deployment d2) deployment failed: tasks failed to start.
        10s rolling back to deployment d1.
        10s (deployment d1) deployment completed.
        10s has reached a steady state.
        10s t1 d1 RUNNING
        10s t2 d1 RUNNING
        10s t3 d1 RUNNING
        10s t4 d1 RUNNING
        10s t5 d1 RUNNING
        10s t6 d1 RUNNING
        10s t7 d1 RUNNING
        10s t8 d1 RUNNING"#]].assert_eq(&a_quarter("BOUNDED_PERCENT").story());
}
