//! What a user reads of deployments that are given up, and of what comes back for them.

use expect_test::{Expect, expect};
use neargate_sim::{Action, Breaker, Image, Played, Scenario, play};
use neargate_testkit::texts;
use serde_json::json;

/// A service whose first deployment has completed after a minute, when one is begun whose image
/// is missing: it fails, and the first comes back anew, as none of its tasks is left.
fn given_up(actions: Vec<(i64, Action)>) -> Scenario {
    let mut all = vec![(70_000, Action::Deploy { revision: 2 })];
    all.extend(actions);
    let mut scenario = Scenario {
        percents: (0, 100),
        breaker: Some(Breaker { rollback: true, count: Some(6), resets: true }),
        alarm: Some(true),
        actions: all,
        ..Scenario::plain(1)
    };
    scenario.images[1] = Image::Missing;
    scenario
}

fn check(played: &Played, events: Expect, statuses: Expect) {
    let told = played.told_by(&["service", "alarm"]);
    let told: Vec<_> = told.lines().skip_while(|line| !line.starts_with("70s")).collect();
    events.assert_eq(&told.join("\n"));
    let all = json!({ "cluster": "sim", "service": "web" });
    let listed = played.answer("ListServiceDeployments", all);
    statuses.assert_eq(&texts(&listed, "status").join(", "));
}

#[test]
fn what_came_back_is_not_rolled_back_itself() {
    let alarm = (130_000, Action::Alarm { is_in_alarm: true });
    check(
        &play(given_up(vec![alarm]), 260),
        expect![[r#"
        70s has stopped 1 running tasks: (task t1).
        70s has started 1 tasks: (task t2).
        70s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 6.
        71s has started 1 tasks: (task t3).
        71s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:18Z.
        71s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 6.
        73s has started 1 tasks: (task t4).
        73s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:22Z.
        73s (deployment d2) has 3 failed tasks and has not reached the circuit breaker's threshold of 6.
        77s has started 1 tasks: (task t5).
        77s is unable to consistently start tasks successfully: 4 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:30Z.
        77s (deployment d2) has 4 failed tasks and has not reached the circuit breaker's threshold of 6.
        85s has started 1 tasks: (task t6).
        85s is unable to consistently start tasks successfully: 5 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:46Z.
        85s (deployment d2) has 5 failed tasks and has not reached the circuit breaker's threshold of 6.
        101s has started 1 tasks: (task t7).
        101s is unable to consistently start tasks successfully: 6 tries in a row failed, the last with: CannotPullContainerError: web: not found.
        101s (deployment d2) has 6 failed tasks and has reached the circuit breaker's threshold of 6.
        101s (deployment d2) deployment failed: tasks failed to start.
        101s rolling back to deployment d1.
        101s has started 1 tasks: (task t8).
        101s (deployment d3) watches its alarms until 2026-01-02T03:06:46Z.
        130s alarm ALARM
        130s (deployment d3) deployment failed: alarm detected: errors.
        130s has reached a steady state."#]],
        expect!["STOPPED, ROLLBACK_FAILED, SUCCESSFUL"],
    );
}

#[test]
fn what_came_back_can_be_stopped_only_for_good() {
    let stop = |rollback: bool| Action::StopDeployment { rollback };
    let played = play(given_up(vec![(120_000, stop(true)), (130_000, stop(false))]), 140);
    let told = played.told_by(&["service", "user"]);
    let is_late = |line: &&str| line.starts_with("12") || line.starts_with("13");
    let told = told.lines().filter(|line| !line.contains("serviceDeploymentArn"));
    let told: Vec<_> = told.filter(is_late).collect();
    expect![[r#"
        120s user is told ConflictException: The service deployment is a rollback: there is nothing to roll it back to. Stop it with ABORT.
        130s (deployment d3) deployment stopped: it was stopped by a user.
        130s has reached a steady state."#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_newer_deployment_puts_an_end_to_a_rollback() {
    let deploy = (130_000, Action::Deploy { revision: 3 });
    check(
        &play(given_up(vec![deploy]), 260),
        expect![[r#"
        70s has stopped 1 running tasks: (task t1).
        70s has started 1 tasks: (task t2).
        70s (deployment d2) has 1 failed tasks and has not reached the circuit breaker's threshold of 6.
        71s has started 1 tasks: (task t3).
        71s is unable to consistently start tasks successfully: 2 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:18Z.
        71s (deployment d2) has 2 failed tasks and has not reached the circuit breaker's threshold of 6.
        73s has started 1 tasks: (task t4).
        73s is unable to consistently start tasks successfully: 3 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:22Z.
        73s (deployment d2) has 3 failed tasks and has not reached the circuit breaker's threshold of 6.
        77s has started 1 tasks: (task t5).
        77s is unable to consistently start tasks successfully: 4 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:30Z.
        77s (deployment d2) has 4 failed tasks and has not reached the circuit breaker's threshold of 6.
        85s has started 1 tasks: (task t6).
        85s is unable to consistently start tasks successfully: 5 tries in a row failed, the last with: CannotPullContainerError: web: not found. The next try is at 2026-01-02T03:05:46Z.
        85s (deployment d2) has 5 failed tasks and has not reached the circuit breaker's threshold of 6.
        101s has started 1 tasks: (task t7).
        101s is unable to consistently start tasks successfully: 6 tries in a row failed, the last with: CannotPullContainerError: web: not found.
        101s (deployment d2) has 6 failed tasks and has reached the circuit breaker's threshold of 6.
        101s (deployment d2) deployment failed: tasks failed to start.
        101s rolling back to deployment d1.
        101s has started 1 tasks: (task t8).
        101s (deployment d3) watches its alarms until 2026-01-02T03:06:46Z.
        130s has stopped 1 running tasks: (task t8).
        130s has started 1 tasks: (task t9).
        130s (deployment d4) watches its alarms until 2026-01-02T03:07:15Z.
        190s (deployment d4) deployment completed.
        190s has reached a steady state."#]],
        expect!["SUCCESSFUL, STOPPED, ROLLBACK_FAILED, SUCCESSFUL"],
    );
}

#[test]
fn an_alarm_that_goes_on_right_after_the_start_fails_the_deployment() {
    let deploy = (70_000, Action::Deploy { revision: 3 });
    let alarm = (70_000, Action::Alarm { is_in_alarm: true });
    let scenario =
        Scenario { alarm: Some(true), actions: vec![deploy, alarm], ..Scenario::plain(1) };
    check(
        &play(scenario, 200),
        expect![[r#"
        70s alarm ALARM
        70s (deployment d2) deployment failed: alarm detected: errors.
        70s rolling back to deployment d1.
        130s (deployment d1) deployment completed.
        130s has reached a steady state."#]],
        expect!["ROLLBACK_SUCCESSFUL, SUCCESSFUL"],
    );
}
