//! Services under load: how the capacity goes, and what holds of many.

use expect_test::{Expect, expect};
use neargate_sim::{Action, Load, Scaling, Scenario, scale, scale_by_seed};

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
    check(scaling(Load::Step { at: 10, from: 80.0, to: 420.0 }), expect![[r#""#]]);
}

#[test]
fn a_ramp() {
    check(scaling(Load::Ramp { over: 60, from: 50.0, to: 500.0 }), expect![[r#""#]]);
}

#[test]
fn a_spike() {
    check(scaling(Load::Spike { at: 10, lasts: 6, base: 80.0, peak: 600.0 }), expect![[r#""#]]);
}

#[test]
fn a_sine() {
    check(scaling(Load::Sine { period: 60, mean: 300.0, amplitude: 200.0 }), expect![[r#""#]]);
}

#[test]
fn flapping() {
    check(scaling(Load::Flapping { every: 4, low: 60.0, high: 400.0 }), expect![[r#""#]]);
}

#[test]
fn missing_data() {
    check(scaling(Load::Missing { from: 20, to: 60, load: 240.0 }), expect![[r#""#]]);
}

#[test]
fn two_policies() {
    let memory = Some((80.0, Load::Step { at: 40, from: 500.0, to: 100.0 }));
    let cpu = Load::Spike { at: 10, lasts: 10, base: 60.0, peak: 300.0 };
    check(Scaling { memory, ..scaling(cpu) }, expect![[r#""#]]);
}

#[test]
fn a_deployment_holds_scaling_in_back() {
    let scenario = Scenario {
        actions: vec![(26 * 60_000, Action::Deploy { revision: 2 })],
        images: vec![neargate_sim::Image::Good, neargate_sim::Image::Exits { after_ms: 5_000 }],
        ..Scenario::plain(6)
    };
    let load = Load::Step { at: 12, from: 280.0, to: 60.0 };
    let curve = scale(scenario, scaling(load), 60, 1);
    expect![[r#""#]].assert_eq(&curve.told());
}

#[test]
fn what_holds_of_a_thousand_loads() {
    for seed in 0..1_000 {
        let (scaling, curve) = scale_by_seed(seed);
        assert!(curve.broken.is_none(), "seed {seed}: {scaling:?}\n{}", curve.told());
    }
}

#[test]
fn a_seed_is_a_curve() {
    for seed in 0..20 {
        assert_eq!(scale_by_seed(seed).1.told(), scale_by_seed(seed).1.told());
    }
}
