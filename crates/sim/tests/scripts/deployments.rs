//! Deployments over which something happens to Neargate or to its clock.

use expect_test::expect;
use neargate_sim::{Action, Breaker, Image, Scenario, play};

use crate::check;

/// Between the breaker's opening and the health of what comes back.
const ROLLS_BACK_MS: i64 = 23_900;

/// A task that takes a second to become healthy, and goes before a new one comes: a rollback takes
/// its time.
#[test]
fn a_rollback_goes_on_after_a_kill_of_neargate() {
    let mut scenario = Scenario {
        percents: (0, 100),
        breaker: Some(Breaker { rollback: true, count: None, resets: true }),
        has_check: true,
        actions: vec![(20_000, Action::Deploy { revision: 2 }), (ROLLS_BACK_MS, Action::Crash)],
        ..Scenario::plain(1)
    };
    scenario.images[1] = Image::Missing;
    check(
        &play(scenario, 60),
        &["service", "CRASH", "neargate"],
        expect![[r#"
        0s neargate starts
        0s is ACTIVE
        0s has started 1 tasks: (task t1).
        1s (deployment d1) deployment completed.
        1s has reached a steady state.
        20s has stopped 1 running tasks: (task t1).
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
        23s has started 1 tasks: (task t5).
        23s CRASH by itself
        24s neargate starts
        25s (deployment d1) deployment completed.
        25s has reached a steady state."#]],
    );
}

#[test]
fn a_bake_time_is_over_once_the_clock_is_moved_past_its_end() {
    let scenario = Scenario {
        alarm: Some(true),
        actions: vec![(100_000, Action::Deploy { revision: 2 })],
        clock_moves: vec![(110_000, -5_000), (120_000, 90_000)],
        ..Scenario::plain(1)
    };
    check(
        &play(scenario, 150),
        &["service", "clock"],
        expect![[r#"
        0s is ACTIVE
        0s has started 1 tasks: (task t1).
        0s (deployment d1) watches its alarms until 2026-01-02T03:05:05Z.
        60s (deployment d1) deployment completed.
        60s has reached a steady state.
        100s has started 1 tasks: (task t2).
        100s has stopped 1 running tasks: (task t1).
        100s (deployment d2) watches its alarms until 2026-01-02T03:06:45Z.
        110s clock is set by -5000 ms
        120s clock is set by 90000 ms
        120s (deployment d2) deployment completed.
        120s has reached a steady state."#]],
    );
}

#[test]
fn an_alarm_after_a_move_that_leaves_some_of_the_bake_time_rolls_back() {
    let scenario = Scenario {
        alarm: Some(true),
        actions: vec![
            (100_000, Action::Deploy { revision: 2 }),
            (115_000, Action::Alarm { is_in_alarm: true }),
            (116_000, Action::Alarm { is_in_alarm: false }),
        ],
        clock_moves: vec![(110_000, 30_000)],
        ..Scenario::plain(1)
    };
    check(
        &play(scenario, 200),
        &["service", "clock", "alarm"],
        expect![[r#"
        0s is ACTIVE
        0s has started 1 tasks: (task t1).
        0s (deployment d1) watches its alarms until 2026-01-02T03:05:05Z.
        60s (deployment d1) deployment completed.
        60s has reached a steady state.
        100s has started 1 tasks: (task t2).
        100s has stopped 1 running tasks: (task t1).
        100s (deployment d2) watches its alarms until 2026-01-02T03:06:45Z.
        110s clock is set by 30000 ms
        115s alarm ALARM
        115s (deployment d2) deployment failed: alarm detected: errors.
        115s rolling back to deployment d1.
        115s has started 1 tasks: (task t3).
        115s has stopped 1 running tasks: (task t2).
        115s (deployment d1) watches its alarms until 2026-01-02T03:07:30Z.
        116s alarm OK
        175s (deployment d1) deployment completed.
        175s has reached a steady state."#]],
    );
}

#[test]
fn what_the_benchmark_rolls_comes_to_rest() {
    let writes = neargate_sim::roll(10)();
    assert!(writes > 100, "each of twenty tasks has its story: {writes} writes");
}
