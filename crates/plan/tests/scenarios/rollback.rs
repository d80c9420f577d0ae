//! What comes back when a deployment fails, and what is said of many failures at once.

use expect_test::expect;
use neargate_model::ecs::DeploymentStop;

use crate::world::World;

const BREAKER: &str = r#"{"deploymentCircuitBreaker": {"enable": true, "rollback": true},
    "minimumHealthyPercent": 0, "maximumPercent": 100}"#;

#[test]
fn what_comes_back_says_who_brought_it_back() {
    let mut world = World::new(1, BREAKER);
    world.run(4);
    world.deploy("app:bad");
    world.run(7);
    expect!["d3 IN_PROGRESS ECS deployment circuit breaker: rolling back to deploymentId d1."]
        .assert_eq(&world.rollouts());
    world.run(4);
    expect!["d3 COMPLETED ECS deployment d3 completed."].assert_eq(&world.rollouts());
}

#[test]
fn a_user_s_stop_is_named_too() {
    let mut world = World::new(1, r#"{"minimumHealthyPercent": 0, "maximumPercent": 100}"#);
    world.run(4);
    world.deploy("app:2");
    world.run(1);
    world.stop_deployment(DeploymentStop::Rollback);
    world.run(1);
    expect![[r#"
        d1 IN_PROGRESS ECS deployment stopped by a user: rolling back to deploymentId d1.
        d2 FAILED ECS deployment stopped by a user."#]]
    .assert_eq(&world.rollouts());
}

#[test]
fn tasks_that_fail_together_are_one_try_and_one_count() {
    let mut world = World::with_definition(5, BREAKER, "app:bad");
    world.run(8);
    expect![[r#"
        0s has started 5 tasks: (task t1) (task t2) (task t3) (task t4) (task t5).
        1s (deployment d1) has 5 failed tasks and has reached the circuit breaker's threshold of 3.
        1s (deployment d1) deployment failed: tasks failed to start."#]]
    .assert_eq(&world.story());
}

#[test]
fn tasks_that_never_start_together_are_one_try_of_the_backoff() {
    let mut world = World::with_definition(5, "{}", "app:bad");
    world.run(8);
    expect![[r#"
        0s has started 5 tasks: (task t1) (task t2) (task t3) (task t4) (task t5).
        2s has started 5 tasks: (task t6) (task t7) (task t8) (task t9) (task t10).
        3s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:05Z.
        5s has started 5 tasks: (task t11) (task t12) (task t13) (task t14) (task t15).
        6s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:10Z."#]].assert_eq(&world.story());
}
