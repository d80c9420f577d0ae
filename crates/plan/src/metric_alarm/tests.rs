//! AWS's tables of missing data, and the words.

use expect_test::{Expect, expect};

use super::*;

const TREATMENTS: [Missing; 4] =
    [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];

fn condition(needed: usize, missing: Missing) -> Condition {
    Condition { comparison: Comparison::Greater, threshold: 80.0, periods: 3, needed, missing }
}

/// `0` does not breach, `X` does, `-` is missing; the newest last.
fn range(drawn: &str) -> Vec<Option<Datapoint>> {
    let point = |(minute, c): (usize, &str)| {
        let value = match c {
            "-" => return None,
            "X" => 90.0,
            _ => 10.0,
        };
        let at = Timestamp::from_secs(1_800_000_000 + minute as i64 * 60);
        Some(Datapoint { at, value, sample_count: 1.0, band: None })
    };
    drawn.split(' ').enumerate().map(point).collect()
}

/// The rows of a table: what each treatment makes of the datapoints.
fn check(needed: usize, rows: &[&str], expected: Expect) {
    let mut table = String::new();
    for row in rows {
        let states = TREATMENTS.map(|missing| {
            let found = condition(needed, missing).evaluate(&range(row), AlarmState::Ok);
            found.map_or("retained", |verdict| verdict.state.name())
        });
        table.push_str(&format!("{row} | {}\n", states.join(" | ")));
    }
    expected.assert_eq(&table);
}

#[test]
fn three_out_of_three() {
    check(
        3,
        &[
            "0 - X - X",
            "0 - - - -",
            "- - - - -",
            "0 X X - X",
            "- - X - -",
            "- - - - X",
            "- - - X -",
        ],
        expect![[r#"
            0 - X - X | OK | OK | OK | OK
            0 - - - - | OK | OK | OK | OK
            - - - - - | INSUFFICIENT_DATA | retained | ALARM | OK
            0 X X - X | ALARM | ALARM | ALARM | ALARM
            - - X - - | ALARM | retained | ALARM | OK
            - - - - X | retained | retained | ALARM | OK
            - - - X - | retained | retained | ALARM | OK
        "#]],
    );
}

#[test]
fn two_out_of_three() {
    check(
        2,
        &["0 - X - X", "0 0 X 0 X", "0 - X - -", "- - - - 0", "- - - X -"],
        expect![[r#"
            0 - X - X | ALARM | ALARM | ALARM | ALARM
            0 0 X 0 X | ALARM | ALARM | ALARM | ALARM
            0 - X - - | OK | OK | ALARM | OK
            - - - - 0 | OK | OK | ALARM | OK
            - - - X - | ALARM | retained | ALARM | OK
        "#]],
    );
}

#[test]
fn reasons() {
    let mut told = String::new();
    let cases = [
        (2, Missing::Missing, "0 - X - X", AlarmState::Ok),
        (3, Missing::Missing, "0 0 X X 0", AlarmState::Alarm),
        (3, Missing::Breaching, "- - - - -", AlarmState::Ok),
        (3, Missing::NotBreaching, "- - - - -", AlarmState::Alarm),
        (3, Missing::Missing, "- - - - -", AlarmState::Ok),
    ];
    for (needed, missing, drawn, from) in cases {
        let verdict = condition(needed, missing).evaluate(&range(drawn), from).expect("a state");
        told.push_str(&format!("{}\n", verdict.reason));
    }
    expect![[r#"
        Threshold Crossed: 2 out of the last 3 datapoints [90.0 (15/01/27 08:04:00), 90.0 (15/01/27 08:02:00)] were greater than the threshold (80.0) (minimum 2 datapoints for OK -> ALARM transition).
        Threshold Crossed: 1 out of the last 3 datapoints [10.0 (15/01/27 08:04:00)] was not greater than the threshold (80.0) (minimum 1 datapoint for ALARM -> OK transition).
        Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].
        Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [NonBreaching].
        Insufficient Data: 3 datapoints were unknown.
    "#]].assert_eq(&told);
}

#[test]
fn comparisons() {
    let breaching = |operator: &str| {
        let comparison = Comparison::named(operator).expect("an operator");
        [1.0, 2.0, 3.0].map(|value| {
            let band = Some((1.5, 2.5));
            let point = Datapoint { at: Timestamp::from_secs(0), value, sample_count: 1.0, band };
            comparison.breaches(&point, 2.0)
        })
    };
    assert_eq!(breaching("GreaterThanThreshold"), [false, false, true]);
    assert_eq!(breaching("GreaterThanOrEqualToThreshold"), [false, true, true]);
    assert_eq!(breaching("LessThanThreshold"), [true, false, false]);
    assert_eq!(breaching("LessThanOrEqualToThreshold"), [true, true, false]);
    assert_eq!(breaching("GreaterThanUpperThreshold"), [false, false, true]);
    assert_eq!(breaching("LessThanLowerThreshold"), [true, false, false]);
    assert_eq!(breaching("LessThanLowerOrGreaterThanUpperThreshold"), [true, false, true]);
    assert_eq!(Comparison::named("SomewhatGreater"), None);
}
