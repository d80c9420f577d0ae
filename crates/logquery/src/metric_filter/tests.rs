//! Lines, and what a filter makes of them.

use expect_test::{Expect, expect};

use super::*;

fn filter(
    pattern: &str,
    value: &str,
    default: Option<f64>,
    dimensions: &[(&str, &str)],
) -> MetricFilter {
    let dimension = |(name, field): &(&str, &str)| {
        (String::from(*name), Selector::parse(field).expect("a selector"))
    };
    let metric = Transformation {
        value: MetricValue::parse(value).expect("a value"),
        default_value: default,
        dimensions: dimensions.iter().map(dimension).collect(),
    };
    let pattern = FilterPattern::parse(pattern).expect("a pattern");
    MetricFilter { pattern, transformations: vec![metric] }
}

fn told(readings: &[Reading]) -> String {
    let line = |reading: &Reading| {
        let of = |(name, value): &(String, String)| format!(" {name}={value}");
        let dimensions: String = reading.dimensions.iter().map(of).collect();
        format!("{}s {}{dimensions}\n", reading.minute_ms / 1000, reading.value)
    };
    readings.iter().map(line).collect()
}

#[track_caller]
fn check(filter: &MetricFilter, lines: &[(i64, &str)], expected: Expect) {
    let mut minutes = OpenMinutes::new();
    let read = |(second, line): &(i64, &str)| filter.read(second * 1000, line, &mut minutes);
    expected.assert_eq(&told(&lines.iter().flat_map(read).collect::<Vec<_>>()));
}

#[test]
fn each_matching_line_counts_in_its_minute() {
    let lines = [(5, "ERROR one"), (59, "ERROR two"), (61, "fine"), (125, "an ERROR")];
    check(
        &filter("ERROR", "1", None, &[]),
        &lines,
        expect![[r#"
        0s 1
        0s 1
        120s 1
    "#]],
    );
}

#[test]
fn values_and_dimensions_are_fields() {
    let lines = [
        (1, r#"{"path": "/a", "ms": 12.5, "n": [7]}"#),
        (2, r#"{"path": "/b", "ms": "40"}"#),
        (3, r#"{"path": "/b", "ms": "slow"}"#),
        (4, r#"{"ms": 1}"#),
        (5, "not JSON"),
    ];
    let by_path = filter("{ $.ms = * }", "$.ms", None, &[("Path", "$.path")]);
    check(
        &by_path,
        &lines,
        expect![[r#"
        0s 12.5 Path=/a
        0s 40 Path=/b
    "#]],
    );
    check(
        &filter("{ $.n[0] = 7 }", "$.n[0]", None, &[]),
        &lines,
        expect![[r#"
        0s 7
    "#]],
    );
    let words = [(1, "10.0.0.1 GET 200 1534"), (2, "10.0.0.2 GET 404 20"), (3, "short")];
    let bytes = filter("[ip, verb, status, bytes]", "$bytes", None, &[("Status", "$status")]);
    check(
        &bytes,
        &words,
        expect![[r#"
        0s 1534 Status=200
        0s 20 Status=404
    "#]],
    );
    check(
        &filter("[ip, ...]", "$4", None, &[]),
        &words,
        expect![[r#"
        0s 1534
        0s 20
    "#]],
    );
}

#[test]
fn a_minute_without_a_match_has_the_default_value_once_it_is_over() {
    let filter = filter("ERROR", "1", Some(0.0), &[]);
    let mut minutes = OpenMinutes::new();
    for (second, line) in [(5, "fine"), (6, "fine"), (65, "fine"), (66, "ERROR")] {
        filter.read(second * 1000, line, &mut minutes);
    }
    assert_eq!(close_at_ms(&minutes), Some(65_000));
    assert_eq!(told(&filter.close(64_999, &mut minutes)), "");
    assert_eq!(told(&filter.close(65_000, &mut minutes)), "0s 0\n");
    assert_eq!(told(&filter.close(600_000, &mut minutes)), "");
    assert_eq!(close_at_ms(&minutes), None);
}

#[test]
fn what_is_neither_a_number_nor_a_field_is_refused() {
    for text in ["one", "", "NaN", "$", "$.a b", "$.a[", "inf"] {
        assert!(MetricValue::parse(text).is_err(), "{text}");
    }
}
