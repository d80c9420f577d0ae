//! Services under load: how the capacity goes, and what holds of many.

use expect_test::{Expect, expect};
use neargate_sim::{Load, Scaling, Scenario, scale, scale_by_seed};

fn scaling(cpu: Load) -> Scaling {
    Scaling {
        min: 2,
        max: 12,
        cpu_target: 50.0,
        cpu,
        memory: None,
        out_cooldown_s: 300,
        in_cooldown_s: 300,
    }
}

fn check(scaling: Scaling, expected: Expect) {
    let curve = scale(Scenario::plain(2), scaling, 120, 1);
    expected.assert_eq(&curve.told());
}

#[test]
fn a_step() {
    check(
        scaling(Load::Step { at: 10, from: 80.0, to: 420.0 }),
        expect![[r#"
        capacity 222222448889999999999999999999999999999999999999999999999999
        12m 2 → 4 cpu High
        17m 4 → 8 cpu High
        22m 8 → 9 cpu High"#]],
    );
}

#[test]
fn a_ramp() {
    check(
        scaling(Load::Ramp { over: 60, from: 50.0, to: 500.0 }),
        expect![[r#"
        capacity 2222333344455566667778889999aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        9m 2 → 3 cpu High
        16m 3 → 4 cpu High
        23m 4 → 5 cpu High
        29m 5 → 6 cpu High
        36m 6 → 7 cpu High
        43m 7 → 8 cpu High
        49m 8 → 9 cpu High
        56m 9 → 10 cpu High"#]],
    );
}

#[test]
fn a_spike() {
    check(
        scaling(Load::Spike { at: 10, lasts: 8, base: 80.0, peak: 500.0 }),
        expect![[r#"
            capacity 222222448888888822222222222222222222222222222222222222222222
            12m 2 → 4 cpu High
            17m 4 → 8 cpu High
            32m 8 → 2 cpu Low"#]],
    );
}

#[test]
fn a_wave() {
    check(
        scaling(Load::Sine { period: 60, mean: 250.0, amplitude: 200.0 }),
        expect![[r#"
            capacity 244488999999999999442222222335557799999999999999442222222335
            3m 2 → 4 cpu High
            8m 4 → 8 cpu High
            13m 8 → 9 cpu High
            36m 9 → 4 cpu Low
            41m 4 → 2 cpu Low
            54m 2 → 3 cpu High
            59m 3 → 5 cpu High
            64m 5 → 7 cpu High
            69m 7 → 9 cpu High
            96m 9 → 4 cpu Low
            101m 4 → 2 cpu Low
            114m 2 → 3 cpu High
            119m 3 → 5 cpu High"#]],
    );
}

#[test]
fn flapping() {
    check(
        scaling(Load::Flapping { every: 4, low: 60.0, high: 300.0 }),
        expect![[r#"
        capacity 222444466666666666666666666666666666666666666666666666666666
        6m 2 → 4 cpu High
        14m 4 → 6 cpu High"#]],
    );
}

#[test]
fn nothing_measured_for_a_while() {
    check(
        scaling(Load::Missing { from: 5, to: 40, load: 300.0 }),
        expect![[r#"
        capacity 244444444444444444444666666666666666666666666666666666666666
        3m 2 → 4 cpu High
        42m 4 → 6 cpu High"#]],
    );
}

/// The scaling of so many seeds holds.
fn hold(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let (scaling, curve) = scale_by_seed(seed);
        assert!(curve.broken.is_none(), "seed {seed}: {scaling:?}\n{}", curve.told());
    }
}

#[test]
fn what_holds_of_many_loads() {
    hold(0..150);
}

#[test]
fn what_holds_of_as_many_more() {
    hold(150..300);
}

#[test]
fn a_seed_is_a_curve() {
    for seed in 0..5 {
        assert_eq!(scale_by_seed(seed).1.told(), scale_by_seed(seed).1.told());
    }
}
