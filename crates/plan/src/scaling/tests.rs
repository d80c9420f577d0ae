//! Decisions, one a line.

use expect_test::{Expect, expect};
use neargate_model::cloudwatch::AlarmState;

use super::step::{Adjustment, Breach, Interval};
use super::tracking::Signal;
use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn standing(capacity: u32) -> Standing {
    Standing {
        capacity,
        min: 2,
        max: 10,
        is_in_suspended: false,
        is_out_suspended: false,
        is_deploying: false,
        last: None,
    }
}

/// So long ago, with the default cooldown.
fn after(from: u32, to: u32, secs_ago: i64) -> Standing {
    let last = Last { from, to, at: NOW.plus_secs(-secs_ago), cooldown_s: 300 };
    Standing { last: Some(last), ..standing(to) }
}

fn signal(alarm: &str, is_on: bool) -> Option<Signal> {
    let state = if is_on { AlarmState::Alarm } else { AlarmState::Ok };
    Some(Signal { alarm: alarm.into(), state })
}

/// A policy whose alarms are as its value says they would be by now.
fn tracks(policy: &str, target: f64, value: f64) -> Tracking {
    Tracking {
        policy: policy.into(),
        target,
        high: signal("high", value > target),
        low: signal("low", value < 0.9 * target),
        scales_in: true,
        values: vec![value; 3],
        out_cooldown_s: 300,
        in_cooldown_s: 300,
    }
}

fn cpu(value: f64) -> Policy {
    Policy::Tracking(tracks("cpu", 70.0, value))
}

fn memory(value: f64) -> Policy {
    Policy::Tracking(tracks("memory", 80.0, value))
}

fn told(standing: &Standing, policies: &[Policy]) -> String {
    match plan(standing, policies, NOW) {
        Plan::Rest => "rests".into(),
        Plan::Scale(scale) => {
            format!("{} → {} by {}", standing.capacity, scale.to, scale.by.policy)
        }
        Plan::NotScaled { by, reason } => {
            format!("{} for {}: {reason:?}", reason.code(), by.policy)
        }
        Plan::Wait(why) => format!("waits: {why}"),
    }
}

#[track_caller]
fn check(cases: &[(Standing, &[Policy])], expected: Expect) {
    let lines: Vec<String> = cases.iter().map(|(at, policies)| told(at, policies)).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn out_if_any_wants_it_and_the_largest_wins() {
    check(
        &[
            (standing(2), &[cpu(140.0)]),
            (standing(2), &[cpu(71.0)]),
            (standing(4), &[cpu(91.0), memory(120.0)]),
            (standing(4), &[cpu(91.0), memory(5.0)]),
            (standing(8), &[cpu(100.0)]),
            (standing(10), &[cpu(100.0)]),
            (standing(1), &[cpu(71.0)]),
            (standing(4), &[cpu(65.0), memory(75.0)]),
        ],
        expect![[r#"
            2 → 4 by cpu
            2 → 3 by cpu
            4 → 6 by cpu
            4 → 6 by cpu
            8 → 10 by cpu
            AlreadyAtMaxCapacity for cpu: AlreadyAtMax(10)
            1 → 2 by cpu
            rests"#]],
    );
}

#[test]
fn in_only_if_all_agree_and_it_would_last() {
    let mut lonely = tracks("cpu", 70.0, 20.0);
    lonely.low = lonely.low.map(|low| Signal { state: AlarmState::InsufficientData, ..low });
    let mut one_way = tracks("requests", 100.0, 95.0);
    (one_way.scales_in, one_way.low) = (false, None);
    check(
        &[
            (standing(6), &[cpu(20.0), memory(30.0)]),
            (standing(6), &[cpu(20.0), memory(75.0)]),
            (standing(6), &[Policy::Tracking(lonely), memory(30.0)]),
            (standing(6), &[cpu(20.0), Policy::Tracking(one_way)]),
            (standing(3), &[cpu(60.0)]),
            (standing(2), &[cpu(5.0)]),
            (standing(1), &[cpu(5.0)]),
            (standing(14), &[cpu(60.0)]),
        ],
        expect![[r#"
            6 → 3 by memory
            rests
            rests
            AutoScalingAnticipatedFlapping for cpu: AnticipatedFlapping { current: 6 }
            AutoScalingAnticipatedFlapping for cpu: AnticipatedFlapping { current: 3 }
            AlreadyAtMinCapacity for cpu: AlreadyAtMin(2)
            AlreadyAtMinCapacity for cpu: AlreadyAtMin(2)
            14 → 10 by cpu"#]],
    );
}

#[test]
fn cooldowns_let_only_the_larger_pass() {
    check(
        &[
            (after(2, 4, 60), &[cpu(140.0)]),
            (after(2, 4, 60), &[cpu(200.0)]),
            (after(2, 4, 300), &[cpu(140.0)]),
            (after(2, 4, 60), &[cpu(10.0)]),
            (after(2, 4, 300), &[cpu(10.0)]),
            (after(6, 4, 60), &[cpu(10.0)]),
            (after(6, 4, 60), &[cpu(80.0)]),
        ],
        expect![[r#"
            waits: cpu wants no more than the last scale-out gave, whose cooldown ends at 2027-01-15T08:04:00Z
            4 → 6 by cpu
            4 → 8 by cpu
            waits: cpu wants to scale in to 2 when the cooldown has ended, at 2027-01-15T08:04:00Z
            4 → 2 by cpu
            waits: cpu wants to scale in to 2 when the cooldown has ended, at 2027-01-15T08:04:00Z
            4 → 5 by cpu"#]],
    );
}

#[test]
fn a_deployment_and_suspension_hold_back() {
    let deploying = |capacity| Standing { is_deploying: true, ..standing(capacity) };
    let suspended = Standing { is_in_suspended: true, is_out_suspended: true, ..standing(4) };
    check(
        &[
            (deploying(4), &[cpu(10.0)]),
            (deploying(4), &[cpu(100.0)]),
            (suspended.clone(), &[cpu(10.0)]),
            (suspended, &[cpu(100.0)]),
        ],
        expect![[r#"
            TargetServicePutResourceAsUnscalable for cpu: Unscalable { current: 4 }
            4 → 6 by cpu
            waits: cpu wants to scale in, which is suspended
            waits: cpu wants to scale out, which is suspended"#]],
    );
}

fn steps(adjustment: Adjustment, steps: &[(Option<f64>, Option<f64>, i32)], value: f64) -> Policy {
    let interval = |(lower, upper, adjustment): &(Option<f64>, Option<f64>, i32)| Interval {
        lower: *lower,
        upper: *upper,
        adjustment: *adjustment,
    };
    Policy::Step(Step {
        policy: "steps".into(),
        adjustment,
        steps: steps.iter().map(interval).collect(),
        cooldown_s: 60,
        breach: Breach {
            alarm: "queue".into(),
            state: AlarmState::Alarm,
            threshold: 50.0,
            is_above: value >= 50.0,
            value,
        },
    })
}

#[test]
fn steps_are_taken_by_how_far_the_threshold_is_crossed() {
    let out = [(Some(0.0), Some(10.0), 1), (Some(10.0), None, 3)];
    let down = [(Some(-10.0), Some(0.0), -1), (None, Some(-10.0), -3)];
    let change = |steps_of: &[_], value| steps(Adjustment::Change, steps_of, value);
    let percent = |at_least, by, value| {
        let all = [(Some(0.0), None, by), (None, Some(0.0), by)];
        steps(Adjustment::Percent { at_least }, &all, value)
    };
    check(
        &[
            (standing(4), &[change(&out, 50.0)]),
            (standing(4), &[change(&out, 59.9)]),
            (standing(4), &[change(&out, 60.0)]),
            (standing(6), &[change(&down, 49.0)]),
            (standing(6), &[change(&down, 40.0)]),
            (standing(4), &[percent(0, 25, 80.0)]),
            (standing(4), &[percent(2, 25, 80.0)]),
            (standing(4), &[percent(0, 10, 80.0)]),
            (standing(9), &[percent(0, -30, 10.0)]),
            (standing(4), &[steps(Adjustment::Exact, &[(Some(0.0), None, 7)], 80.0)]),
            (standing(7), &[steps(Adjustment::Exact, &[(Some(0.0), None, 7)], 80.0)]),
            (standing(4), &[change(&out, 80.0), cpu(70.5)]),
            (after(4, 6, 30), &[change(&[(Some(0.0), None, 2)], 80.0)]),
            (after(4, 6, 30), &[change(&[(Some(0.0), None, 3)], 80.0)]),
        ],
        expect![[r#"
            4 → 5 by steps
            4 → 5 by steps
            4 → 7 by steps
            6 → 5 by steps
            6 → 3 by steps
            4 → 5 by steps
            4 → 6 by steps
            4 → 5 by steps
            9 → 7 by steps
            4 → 7 by steps
            AlreadyAtDesiredCapacity for steps: AlreadyAtDesired { current: 7 }
            4 → 7 by steps
            waits: steps wants no more than the last scale-out gave, whose cooldown ends at 2027-01-15T08:04:30Z
            6 → 7 by steps"#]],
    );
}
