//! What a user reads of a service's capacity, of its deployments' history, and of tasks that
//! end badly, in the whole control plane: the service's events and what happened to it, with
//! the seconds since its beginning.

#[path = "scripts/deployments.rs"]
mod deployments;
#[path = "scripts/stops.rs"]
mod stops;

use expect_test::{Expect, expect};
use neargate_sim::{Action, Breaker, Image, Played, Scenario, Share, play};
use neargate_testkit::texts;
use serde_json::json;

const MIXED: &[Share] = &[Share::fargate(1, 1), Share::spot(0, 3)];

fn mixed(desired_count: u32, actions: Vec<(i64, Action)>) -> Scenario {
    Scenario { strategy: MIXED, actions, ..Scenario::plain(desired_count) }
}

fn check(played: &Played, who: &[&str], expected: Expect) {
    expected.assert_eq(&played.told_by(who));
}

#[test]
fn a_task_that_fargate_spot_interrupts_is_replaced_at_once_and_stops_within_its_notice() {
    let notice = Action::Interrupt { number: 0, left_ms: 120_000 };
    let scenario = Scenario { has_balancer: true, ..mixed(2, vec![(30_000, notice)]) };
    check(
        &play(scenario, 200),
        &["service", "spot", "task"],
        expect![[r#"
        0s is ACTIVE
        0s has started 2 tasks: (task t2) (task t1).
        0s task (task t1) PROVISIONING on FARGATE_SPOT
        0s task (task t2) PROVISIONING on FARGATE
        0s task (task t2) PENDING
        0s task (task t1) PENDING
        0s task (task t2) ACTIVATING
        0s registered 1 targets in (target-group web)
        0s task (task t2) RUNNING
        0s task (task t1) ACTIVATING
        0s registered 1 targets in (target-group web)
        0s task (task t1) RUNNING
        0s (deployment d1) deployment completed.
        0s has reached a steady state.
        30s spot interrupts (task t1) with 120000 ms left
        30s task (task t1) is to stop: Your Spot Task was interrupted.
        30s has started 1 tasks: (task t3).
        30s task (task t3) PROVISIONING on FARGATE_SPOT
        30s task (task t1) DEACTIVATING
        30s deregistered 1 targets in (target-group web)
        30s (taskSet d1) has begun draining connections on 1 tasks.
        30s task (task t3) PENDING
        30s task (task t3) ACTIVATING
        30s registered 1 targets in (target-group web)
        30s task (task t3) RUNNING
        30s has reached a steady state.
        30s task (task t1) STOPPING
        60s task (task t1) DEPROVISIONING
        60s task (task t1) STOPPED"#]],
    );
}

#[test]
fn a_shortage_of_fargate_spot_holds_its_share_back_and_nothing_else() {
    let actions = vec![
        (20_000, Action::Shortage { short: true }),
        (20_500, Action::Scale { desired_count: 8 }),
        // Of FARGATE's own.
        (300_000, Action::StopTask { number: 1 }),
        (600_000, Action::Shortage { short: false }),
    ];
    check(
        &play(mixed(4, actions), 700),
        &["service", "spot"],
        expect![[r#"
            0s is ACTIVE
            0s has started 4 tasks: (task t3) (task t1) (task t4) (task t2).
            0s (deployment d1) deployment completed.
            0s has reached a steady state.
            20s spot has no capacity
            20s was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.
            20s has started 1 tasks: (task t5).
            300s has started 1 tasks: (task t6).
            600s spot has capacity
            600s has started 3 tasks: (task t9) (task t8) (task t7).
            600s has reached a steady state."#]],
    );
}

#[test]
fn an_image_that_takes_all_memory_fails_its_deployment_and_says_why() {
    let mut scenario = Scenario {
        breaker: Some(Breaker { rollback: true, count: None, resets: true }),
        has_check: true,
        actions: vec![(20_000, Action::Deploy { revision: 2 })],
        ..Scenario::plain(1)
    };
    scenario.images[1] = Image::Hungry { after_ms: 800 };
    let played = play(scenario, 60);
    check(
        &played,
        &["service", "machine"],
        expect![[r#"
            0s is ACTIVE
            0s has started 1 tasks: (task t1).
            1s (deployment d1) deployment completed.
            1s has reached a steady state.
            20s has started 1 tasks: (task t2).
            20s machine (task t2) is killed for memory
            20s has started 1 tasks: (task t3).
            20s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
            21s machine (task t3) is killed for memory
            21s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
            22s has started 1 tasks: (task t4).
            23s machine (task t4) is killed for memory
            23s has started 1 tasks: (task t5).
            23s (deployment d2) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
            23s (deployment d2) deployment failed: tasks failed to start.
            23s rolling back to deployment d1.
            23s has stopped 1 running tasks: (task t5).
            23s (deployment d1) deployment completed.
            23s has reached a steady state."#]],
    );
    let of_stopped = json!({ "cluster": "sim", "desiredStatus": "STOPPED" });
    let stopped = list(&played.answer("ListTasks", of_stopped));
    let described =
        played.answer("DescribeTasks", json!({ "cluster": "sim", "tasks": [stopped[0]] }));
    let told: Vec<_> = ["exitCode", "reason", "stopCode", "stoppedReason"]
        .into_iter()
        .map(|name| format!("{name}: {}", texts(&described, name).join(", ")))
        .collect();
    expect![[r#"
        exitCode: 137
        reason: OutOfMemoryError: Container killed due to memory usage
        stopCode: EssentialContainerExited
        stoppedReason: Essential container in task exited"#]]
    .assert_eq(&told.join("\n"));
}

/// The members of the list that is all of an answer.
fn list(answer: &str) -> Vec<String> {
    let quoted =
        answer.lines().filter_map(|line| line.trim().trim_end_matches(',').strip_prefix('"'));
    quoted.filter_map(|rest| rest.strip_suffix('"')).map(str::to_owned).collect()
}

#[test]
fn a_drain_goes_on_after_a_restart_of_neargate() {
    let scenario = Scenario {
        has_balancer: true,
        actions: vec![(20_000, Action::Scale { desired_count: 1 }), (20_100, Action::Crash)],
        ..Scenario::plain(2)
    };
    let who = ["service", "task", "target", "CRASH", "neargate"];
    check(
        &play(scenario, 75),
        &who,
        expect![[r#"
            0s neargate starts
            0s is ACTIVE
            0s has started 2 tasks: (task t2) (task t1).
            0s task (task t1) PROVISIONING
            0s task (task t2) PROVISIONING
            0s task (task t2) PENDING
            0s task (task t1) PENDING
            0s task (task t2) ACTIVATING
            0s registered 1 targets in (target-group web)
            0s task (task t2) RUNNING
            0s target 10.0.1.48 initial
            0s task (task t1) ACTIVATING
            0s registered 1 targets in (target-group web)
            0s task (task t1) RUNNING
            0s target 10.0.2.237 initial
            0s target 10.0.2.237 healthy
            0s target 10.0.1.48 healthy
            0s (deployment d1) deployment completed.
            0s has reached a steady state.
            20s has stopped 1 running tasks: (task t1).
            20s task (task t1) is to stop: Scaling activity initiated by (deployment d1)
            20s task (task t1) DEACTIVATING
            20s deregistered 1 targets in (target-group web)
            20s (taskSet d1) has begun draining connections on 1 tasks.
            20s target 10.0.2.237 draining
            20s has reached a steady state.
            20s CRASH by itself
            20s neargate starts
            40s target 10.0.2.237 is gone
            40s task (task t1) STOPPING
            70s task (task t1) DEPROVISIONING
            70s task (task t1) STOPPED"#]],
    );
}

#[test]
fn the_last_twenty_deployments_that_are_gone_are_kept() {
    let deploy = |n: i64| (n * 20_000, Action::ForceNewDeployment);
    let actions = (1..=25).map(deploy).collect();
    let played = play(Scenario { actions, ..Scenario::plain(1) }, 540);
    let listed =
        played.answer("ListServiceDeployments", json!({ "cluster": "sim", "service": "web" }));
    let ended = texts(&listed, "status");
    assert_eq!(ended.len(), 21, "the one that is there, and those that are gone: {listed}");
    assert!(ended.iter().all(|status| status == "SUCCESSFUL"), "{listed}");
}
