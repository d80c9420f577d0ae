//! Statistics by their names, of values that one can add up by hand.

use expect_test::{Expect, expect};

use super::statistic::Statistic;
use super::*;

fn set(values: &[f64]) -> StatisticSet {
    StatisticSet::all(values.iter().map(|value| StatisticSet::of(*value))).expect("values")
}

fn told(set: &StatisticSet, names: &str) -> String {
    let line = |name: &str| match Statistic::named(name) {
        None => format!("{name}: no statistic\n"),
        Some(statistic) => match statistic.of(set) {
            None => format!("{name}: unknown\n"),
            Some(value) => format!("{name}: {value}\n"),
        },
    };
    names.split(' ').map(line).collect()
}

fn check(set: &StatisticSet, names: &str, expected: Expect) {
    expected.assert_eq(&told(set, names));
}

#[test]
fn of_ten_values() {
    let set = set(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 100.0]);
    check(
        &set,
        "SampleCount Average Sum Minimum Maximum p0 p50 p90 p99.9 p100 tm90 TM(10%:90%) TM(2:5) WM(:90%) tc90 TC(3:) ts90 IQM PR(:5) PR(5:9)",
        expect![[r#"
            SampleCount: 10
            Average: 14.5
            Sum: 145
            Minimum: 1
            Maximum: 100
            p0: 1
            p50: 5
            p90: 9
            p99.9: 100
            p100: 100
            tm90: 5
            TM(10%:90%): 5.5
            TM(2:5): 4
            WM(:90%): 5.4
            tc90: 9
            TC(3:): 7
            ts90: 45
            IQM: 5.5
            PR(:5): 50
            PR(5:9): 40
        "#]],
    );
}

#[test]
fn what_is_no_statistic() {
    let names = "average p p101 p-1 p1.12345678901 TM TM() TM(:) TM(5:2) TM(10%:200%) PR(10%:20%) PR50 XX(1:2)";
    let told = told(&set(&[1.0]), names);
    assert!(told.lines().all(|line| line.ends_with("no statistic")), "{told}");
}

#[test]
fn a_published_set_has_no_percentiles_unless_all_of_its_values_are_the_same() {
    check(
        &StatisticSet::published(4.0, 10.0, 1.0, 4.0),
        "Average Maximum p50 tm90",
        expect![[r#"
            Average: 2.5
            Maximum: 4
            p50: unknown
            tm90: unknown
        "#]],
    );
    check(
        &StatisticSet::published(3.0, 6.0, 2.0, 2.0),
        "p50 TM(:1)",
        expect![[r#"
            p50: 2
            TM(:1): unknown
        "#]],
    );
}

#[test]
fn negative_values_have_no_percentiles() {
    check(
        &set(&[-1.0, 3.0]),
        "Average p50",
        expect![[r#"
        Average: 1
        p50: unknown
    "#]],
    );
}

#[test]
fn percentiles_of_many_values_are_close_and_cost_little() {
    let values: Vec<f64> = (1..=20_000).map(|n| f64::from(n) / 200.0).collect();
    let set = set(&values);
    for (name, exact) in [("p50", 50.0), ("p95", 95.0), ("p99", 99.0), ("p99.9", 99.9)] {
        let value = Statistic::named(name).and_then(|s| s.of(&set)).expect("a percentile");
        assert!((value / exact - 1.0).abs() < 0.004, "{name} is {value}");
    }
    assert!(set.buckets().expect("known").len() < 5000);
}
