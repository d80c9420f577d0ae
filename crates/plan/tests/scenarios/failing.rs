//! Deployments that do not go well: the circuit breaker's count, alarms, and stops by a user.

use expect_test::expect;
use neargate_model::ecs::DeploymentStop;

use crate::world::World;

/// A circuit breaker with these further members.
fn breaker(more: &str) -> String {
    format!(r#"{{"deploymentCircuitBreaker": {{"enable": true, "rollback": true{more}}}}}"#)
}

/// A service that watches an alarm over its deployments.
fn alarmed() -> World {
    let alarms = r#"{"alarms": {"alarmNames": ["errors"], "enable": true, "rollback": true}}"#;
    let mut world = World::new(1, alarms);
    world.alarm("errors", false);
    world.run(15);
    world
}

#[test]
fn a_threshold_by_count_is_taken_as_it_is() {
    let threshold = r#", "thresholdConfiguration": {"type": "COUNT", "value": 1}"#;
    let mut world = World::new(1, &breaker(threshold));
    world.run(4);
    world.deploy("app:bad");
    world.run(8);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2).
        5s (deployment d2) has 1 failed tasks and has reached the circuit breaker's threshold of 1.
        5s (deployment d2) deployment failed: tasks failed to start.
        5s rolling back to deployment d1.
        5s (deployment d1) deployment completed.
        5s has reached a steady state.
        5s t1 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn what_the_machine_loses_counts_for_no_breaker() {
    let mut world = World::new(4, &breaker("")).balanced(0);
    world.run(1);
    for lost in ["t1", "t2", "t3", "t4"] {
        world.lose(lost);
    }
    world.run(5);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        1s has started 4 tasks: (task t5) (task t6) (task t7) (task t8).
        1s t5 d1 RUNNING
        1s t6 d1 RUNNING
        1s t7 d1 RUNNING
        1s t8 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_healthy_task_resets_the_count() {
    let mut world = World::new(4, &breaker("")).balanced(0);
    world.probe("t1", true);
    world.probe("t2", true);
    world.run(4);
    world.exit("t3");
    world.exit("t4");
    world.run(4);
    world.probe("t5", true);
    world.run(2);
    world.exit("t6");
    world.run(4);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        4s has started 2 tasks: (task t5) (task t6).
        5s (deployment d1) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        10s has started 1 tasks: (task t7).
        11s (deployment d1) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        11s t1 d1 RUNNING
        11s t2 d1 RUNNING
        11s t5 d1 RUNNING
        11s t7 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn the_count_goes_on_where_no_task_resets_it() {
    let mut world = World::new(4, &breaker(r#", "resetOnHealthyTask": false"#)).balanced(0);
    world.probe("t1", true);
    world.probe("t2", true);
    world.run(4);
    world.exit("t3");
    world.exit("t4");
    world.run(4);
    world.probe("t5", true);
    world.run(2);
    world.exit("t6");
    world.run(4);
    expect![[r#"
        0s has started 4 tasks: (task t1) (task t2) (task t3) (task t4).
        4s has started 2 tasks: (task t5) (task t6).
        5s (deployment d1) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        10s has started 1 tasks: (task t7).
        11s (deployment d1) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        11s (deployment d1) deployment failed: tasks failed to start.
        11s t1 d1 RUNNING
        11s t2 d1 RUNNING
        11s t5 d1 RUNNING
        11s t7 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn tasks_that_fail_their_health_checks_count_too() {
    let mut world = World::new(1, &breaker("")).balanced(0);
    world.probe("t1", true);
    world.run(4);
    world.deploy("app:2");
    for task in ["t2", "t3", "t4", "t5"] {
        world.run(4);
        world.probe(task, false);
    }
    world.run(8);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2).
        8s (task t2) (port 80) is unhealthy in (target-group web) due to (reason Health checks failed with these codes: [503]).
        8s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        8s has stopped 1 running tasks: (task t2).
        8s has started 1 tasks: (task t3). Amazon ECS replaced 1 tasks due to an unhealthy status.
        12s (task t3) (port 80) is unhealthy in (target-group web) due to (reason Health checks failed with these codes: [503]).
        12s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        12s has stopped 1 running tasks: (task t3).
        12s has started 1 tasks: (task t4). Amazon ECS replaced 1 tasks due to an unhealthy status.
        16s (task t4) (port 80) is unhealthy in (target-group web) due to (reason Health checks failed with these codes: [503]).
        16s (deployment d2) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        16s (deployment d2) deployment failed: tasks failed to start.
        16s rolling back to deployment d1.
        16s has stopped 1 running tasks: (task t4).
        16s (deployment d1) deployment completed.
        16s has reached a steady state.
        16s t1 d1 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn without_a_rollback_a_failed_deployment_stays_and_starts_nothing() {
    let mut world = World::new(
        2,
        r#"{"minimumHealthyPercent": 50, "maximumPercent": 100, "deploymentCircuitBreaker": {"enable": true, "rollback": false}}"#,
    );
    world.run(4);
    world.deploy("app:bad");
    world.run(30);
    world.scale(0);
    world.run(4);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has stopped 1 running tasks: (task t1).
        4s has started 1 tasks: (task t3).
        5s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        6s has started 1 tasks: (task t4).
        7s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:09Z.
        7s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        9s has started 1 tasks: (task t5).
        10s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: no such image.
        10s (deployment d2) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        10s (deployment d2) deployment failed: tasks failed to start.
        34s has stopped 1 running tasks: (task t2).
        34s has reached a steady state."#]].assert_eq(&world.story());
}

#[test]
fn what_failed_before_it_completed_does_not_count_against_what_is_rolled_back_to() {
    let mut world = World::with_definition(1, &breaker(""), "app:bad");
    world.run(5);
    world.mend();
    world.run(10);
    world.unmend();
    world.deploy("app:bad");
    world.run(30);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        1s (deployment d1) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        2s has started 1 tasks: (task t2).
        3s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:05Z.
        3s (deployment d1) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        5s has started 1 tasks: (task t3).
        7s (deployment d1) deployment completed.
        7s has reached a steady state.
        15s has started 1 tasks: (task t4).
        16s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        17s has started 1 tasks: (task t5).
        18s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:20Z.
        18s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        20s has started 1 tasks: (task t6).
        21s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: no such image.
        21s (deployment d2) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        21s (deployment d2) deployment failed: tasks failed to start.
        21s rolling back to deployment d1.
        21s (deployment d1) deployment completed.
        21s has reached a steady state.
        21s t3 d1 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn what_completed_once_and_failed_since_is_rolled_back_to_anew() {
    let mut world = World::with_definition(1, &breaker(""), "app:bad");
    world.mend();
    world.run(4);
    world.deploy("app:2");
    world.run(1);
    // It is wanted again, loses its task, and starts no more.
    world.unmend();
    world.exit("t1");
    world.stop_deployment(DeploymentStop::Rollback);
    world.run(12);
    world.mend();
    world.deploy("app:3");
    world.run(2);
    world.stop_deployment(DeploymentStop::Rollback);
    world.run(6);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2).
        5s (deployment d2) deployment stopped: it was stopped by a user.
        5s rolling back to deployment d1.
        5s has stopped 1 running tasks: (task t2).
        5s has started 1 tasks: (task t3).
        6s (deployment d1) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        7s has started 1 tasks: (task t4).
        8s (deployment d1) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        8s (deployment d1) deployment failed: tasks failed to start.
        17s has started 1 tasks: (task t5).
        19s (deployment d3) deployment stopped: it was stopped by a user.
        19s rolling back to deployment d1.
        19s has started 1 tasks: (task t6).
        21s has stopped 1 running tasks: (task t5).
        21s (deployment d4) deployment completed.
        21s has reached a steady state.
        21s t6 d4 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn an_alarm_fails_a_deployment_and_rolls_it_back() {
    let mut world = alarmed();
    world.deploy("app:2");
    world.run(5);
    world.alarm("errors", true);
    world.run(6);
    world.alarm("errors", false);
    world.run(15);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) watches its alarms until 1970-01-01T00:00:12Z.
        12s (deployment d1) deployment completed.
        12s has reached a steady state.
        15s has started 1 tasks: (task t2).
        17s has stopped 1 running tasks: (task t1).
        17s (deployment d2) watches its alarms until 1970-01-01T00:00:27Z.
        20s (deployment d2) deployment failed: alarm detected: errors.
        20s rolling back to deployment d1.
        20s has started 1 tasks: (task t3).
        22s has stopped 1 running tasks: (task t2).
        22s (deployment d3) watches its alarms until 1970-01-01T00:00:32Z.
        32s (deployment d3) deployment completed.
        32s has reached a steady state.
        32s t3 d3 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn an_alarm_that_was_there_before_says_nothing_about_a_deployment() {
    let mut world = alarmed();
    world.alarm("errors", true);
    world.deploy("app:2");
    world.run(20);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) watches its alarms until 1970-01-01T00:00:12Z.
        12s (deployment d1) deployment completed.
        12s has reached a steady state.
        15s has started 1 tasks: (task t2).
        17s has stopped 1 running tasks: (task t1).
        17s (deployment d2) watches its alarms until 1970-01-01T00:00:27Z.
        27s (deployment d2) deployment completed.
        27s has reached a steady state.
        27s t2 d2 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_user_stops_a_deployment_and_rolls_it_back() {
    let mut world = World::new(1, "{}");
    world.run(4);
    world.deploy("app:2");
    world.run(1);
    world.stop_deployment(DeploymentStop::Rollback);
    world.run(5);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2).
        5s (deployment d2) deployment stopped: it was stopped by a user.
        5s rolling back to deployment d1.
        5s has stopped 1 running tasks: (task t2).
        5s (deployment d1) deployment completed.
        5s has reached a steady state.
        5s t1 d1 RUNNING"#]]
    .assert_eq(&world.story());
}

#[test]
fn a_user_stops_a_deployment_and_leaves_it_there() {
    let mut world = World::new(1, "{}");
    world.run(4);
    world.deploy("app:bad");
    world.run(3);
    world.stop_deployment(DeploymentStop::Abort);
    world.run(10);
    expect![[r#"
        0s has started 1 tasks: (task t1).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 1 tasks: (task t2).
        6s has started 1 tasks: (task t3).
        7s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: no such image. The next try is at 1970-01-01T00:00:09Z.
        7s (deployment d2) deployment stopped: it was stopped by a user.
        7s t1 d1 RUNNING"#]].assert_eq(&world.story());
}

#[test]
fn a_newer_deployment_supersedes_one_that_is_under_way() {
    let mut world = World::new(2, "{}");
    world.run(4);
    world.deploy("app:2");
    world.run(1);
    world.deploy("app:3");
    world.run(8);
    expect![[r#"
        0s has started 2 tasks: (task t1) (task t2).
        2s (deployment d1) deployment completed.
        2s has reached a steady state.
        4s has started 2 tasks: (task t3) (task t4).
        5s has stopped 2 running tasks: (task t3) (task t4).
        5s has started 2 tasks: (task t5) (task t6).
        7s has stopped 2 running tasks: (task t1) (task t2).
        7s (deployment d3) deployment completed.
        7s has reached a steady state.
        7s t5 d3 RUNNING
        7s t6 d3 RUNNING"#]]
    .assert_eq(&world.story());
}
