//! Stories of checks, with what is told after each.

use expect_test::{Expect, expect};

use super::*;

/// `200` passes; `503` and the like fail; `t` times out, `x` fails; a `?`
/// before it makes it an extra look.
fn check(from: TargetHealth, story: &str, expected: Expect) {
    let config = HealthCheck { healthy_threshold: 3, ..HealthCheck::default() };
    let mut health = from;
    let mut told = String::new();
    for step in story.split_whitespace() {
        let (schedule, what) = match step.strip_prefix('?') {
            Some(what) => (Schedule::Extra, what),
            None => (Schedule::Due, step),
        };
        let result = match what {
            "t" => ProbeResult::TimedOut,
            "x" => ProbeResult::Failed,
            code => ProbeResult::Code(code.parse().unwrap()),
        };
        let changed = health.observe(result, &config, schedule);
        let why =
            health.reason.map_or(String::new(), |r| format!(" {}: {}", r.code(), r.description()));
        let mark = if changed { "→" } else { " " };
        told += &format!("{step:<4} {mark} {}{why}\n", health.state.as_str());
    }
    expected.assert_eq(&told);
}

#[test]
fn one_pass_makes_a_new_target_healthy() {
    check(
        TargetHealth::new(),
        "x 200 503 200 503 503",
        expect![[r#"
            x      initial Elb.InitialHealthChecking: Initial health checks in progress
            200  → healthy
            503    healthy
            200    healthy
            503    healthy
            503  → unhealthy Target.ResponseCodeMismatch: Health checks failed with these codes: [503]
        "#]],
    );
}

#[test]
fn extra_looks_can_only_help() {
    check(
        TargetHealth::new(),
        "x ?x ?x ?x ?200",
        expect![[r#"
            x      initial Elb.InitialHealthChecking: Initial health checks in progress
            ?x     initial Elb.InitialHealthChecking: Initial health checks in progress
            ?x     initial Elb.InitialHealthChecking: Initial health checks in progress
            ?x     initial Elb.InitialHealthChecking: Initial health checks in progress
            ?200 → healthy
        "#]],
    );
}

#[test]
fn an_unhealthy_target_needs_its_threshold_in_a_row() {
    check(
        TargetHealth::resume(TargetState::Unhealthy),
        "t t 200 200 x 200 200 200",
        expect![[r#"
            t    → unhealthy Target.Timeout: Request timed out
            t      unhealthy Target.Timeout: Request timed out
            200    unhealthy Target.Timeout: Request timed out
            200    unhealthy Target.Timeout: Request timed out
            x    → unhealthy Target.FailedHealthChecks: Health checks failed
            200    unhealthy Target.FailedHealthChecks: Health checks failed
            200    unhealthy Target.FailedHealthChecks: Health checks failed
            200  → healthy
        "#]],
    );
}

#[test]
fn a_draining_target_is_left_alone() {
    let draining = TargetState::Draining { until: neargate_ids::Timestamp(0) };
    check(
        TargetHealth::resume(draining),
        "200 x x",
        expect![[r#"
            200    draining Target.DeregistrationInProgress: Target deregistration is in progress
            x      draining Target.DeregistrationInProgress: Target deregistration is in progress
            x      draining Target.DeregistrationInProgress: Target deregistration is in progress
        "#]],
    );
}

#[test]
fn matchers() {
    assert!(is_success("200", 200));
    assert!(!is_success("200", 201));
    assert!(is_success("200-299", 299));
    assert!(is_success("200,301", 301));
    assert!(is_success("200, 300-302", 301));
    assert!(!is_success("", 200));
    assert!(!is_success("200-", 200));
    assert!(is_success("0-5", 5));
}
