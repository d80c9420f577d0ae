//! How tasks end that are not well: killed at their stop timeout, or never started.

use expect_test::expect;
use neargate_sim::{Action, Breaker, Image, Played, Scenario, play};
use serde_json::{Value, json};

use crate::list;

/// What these have told from the first line on that begins so.
fn since(played: &Played, who: &[&str], beginning: &str) -> String {
    let told = played.told_by(who);
    let lines: Vec<_> = told.lines().skip_while(|line| !line.starts_with(beginning)).collect();
    lines.join("\n")
}

/// What DescribeTasks says of the tasks that have stopped: a line each, in no order.
fn stopped(played: &Played) -> String {
    let of_stopped = json!({ "cluster": "sim", "desiredStatus": "STOPPED" });
    let stopped = list(&played.answer("ListTasks", of_stopped));
    let described = played.answer("DescribeTasks", json!({ "cluster": "sim", "tasks": stopped }));
    let described: Value = serde_json::from_str(&described).expect("an answer in JSON");
    let line = |task: &Value| {
        let code = match task["containers"][0]["exitCode"].as_i64() {
            Some(code) => format!("exit code {code}"),
            None => "no exit code".into(),
        };
        let said = |name: &str| task[name].as_str().unwrap_or_default().to_owned();
        let reason = said("stoppedReason");
        let (reason, _) = reason.split_once(" (deployment").unwrap_or((&reason, ""));
        format!("{code}, {}: {reason}", said("stopCode"))
    };
    let mut lines: Vec<_> = described["tasks"].as_array().into_iter().flatten().map(line).collect();
    lines.sort();
    lines.join("\n")
}

/// By this seed's chance the first task's container ignores SIGTERM, and the second's does not.
#[test]
fn a_container_that_ignores_sigterm_is_killed_at_its_stop_timeout() {
    let actions = vec![(20_000, Action::Scale { desired_count: 0 })];
    let played = play(Scenario { has_check: true, actions, ..Scenario::plain(2) }, 60);
    expect![[r#"
        20s has stopped 2 running tasks: (task t1) (task t2).
        20s task (task t1) is to stop: Scaling activity initiated by (deployment d1)
        20s task (task t2) is to stop: Scaling activity initiated by (deployment d1)
        20s has reached a steady state.
        20s task (task t1) STOPPING
        20s task (task t2) STOPPING
        20s task (task t2) DEPROVISIONING
        20s task (task t2) STOPPED
        50s task (task t1) DEPROVISIONING
        50s task (task t1) STOPPED"#]]
    .assert_eq(&since(&played, &["service", "task"], "20s"));
    expect![[r#"
        exit code 137, ServiceSchedulerInitiated: Scaling activity initiated by
        exit code 143, ServiceSchedulerInitiated: Scaling activity initiated by"#]]
    .assert_eq(&stopped(&played));
}

#[test]
fn an_image_that_cannot_be_pulled_is_tried_ever_more_slowly_until_the_breaker_opens() {
    let mut scenario = Scenario {
        breaker: Some(Breaker { rollback: true, count: None, resets: true }),
        actions: vec![(20_000, Action::Deploy { revision: 2 })],
        ..Scenario::plain(1)
    };
    scenario.images[1] = Image::Missing;
    let played = play(scenario, 60);
    expect![[r#"
        20s has started 1 tasks: (task t2).
        20s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 3.
        21s has started 1 tasks: (task t3).
        21s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:04:28Z.
        21s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 3.
        23s has started 1 tasks: (task t4).
        23s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: CannotPullContainerError: web: not found.
        23s (deployment d2) has 3 failed tasks and has reached the circuit breaker's threshold of 3.
        23s (deployment d2) deployment failed: tasks failed to start.
        23s rolling back to deployment d1.
        23s (deployment d1) deployment completed.
        23s has reached a steady state."#]].assert_eq(&since(&played, &["service"], "20s"));
    expect![[r#"
        no exit code, TaskFailedToStart: CannotPullContainerError: web: not found
        no exit code, TaskFailedToStart: CannotPullContainerError: web: not found
        no exit code, TaskFailedToStart: CannotPullContainerError: web: not found"#]]
    .assert_eq(&stopped(&played));
}
