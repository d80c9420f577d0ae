//! The store as its users see it: what was put is there, added up, after crashes too.

mod month;

use std::path::Path;

use super::*;

const START: i64 = 1_800_000_000;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(START + secs)
}

fn cpu(service: &str) -> Metric {
    Metric::new(
        "us-west-2",
        "AWS/ECS",
        "CPUUtilization",
        [("ServiceName", service), ("ClusterName", "prod")],
    )
}

fn datum(service: &str, secs: i64, value: f64) -> Datum {
    Datum {
        metric: cpu(service),
        unit: Unit::PERCENT,
        at: at(secs),
        high_resolution: false,
        values: StatisticSet::of(value),
    }
}

/// Each point as `seconds: count × average`.
fn told(series: &Series, service: &str, tier: Tier) -> Vec<String> {
    let [(id, _)] = series.of(&cpu(service))[..] else { return Vec::new() };
    let points = series.read(id, tier, at(-86_400), at(86_400 * 30)).expect("points");
    let line = |(when, set): (Timestamp, StatisticSet)| {
        format!("{}: {} x {}", when.secs() - START, set.count, set.average())
    };
    points.into_iter().map(line).collect()
}

fn opened(dir: &Path) -> Series {
    Series::open(dir).expect("a store")
}

#[test]
fn values_are_added_up_in_every_tier() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    let data: Vec<Datum> = (0..10).map(|n| datum("web", n * 30, n as f64)).collect();
    series.put(&data).expect("a put");
    assert_eq!(told(&series, "web", Tier::Second), [""; 0]);
    assert_eq!(
        told(&series, "web", Tier::Minute),
        ["0: 2 x 0.5", "60: 2 x 2.5", "120: 2 x 4.5", "180: 2 x 6.5", "240: 2 x 8.5"]
    );
    assert_eq!(told(&series, "web", Tier::FiveMinutes), ["0: 10 x 4.5"]);
    assert_eq!(told(&series, "web", Tier::Hour), ["0: 10 x 4.5"]);
    assert_eq!(told(&series, "other", Tier::Hour), [""; 0]);
}

#[test]
fn high_resolution_is_kept_by_the_second() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    let fine = |secs, value| Datum { high_resolution: true, ..datum("web", secs, value) };
    series.put(&[fine(1, 1.0), fine(1, 3.0), fine(200, 4.0)]).expect("a put");
    assert_eq!(told(&series, "web", Tier::Second), ["1: 2 x 2", "200: 1 x 4"]);
}

#[test]
fn nothing_is_lost_or_doubled_by_a_crash() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut expected = Vec::new();
    for round in 0..8 {
        let series = opened(dir.path());
        assert_eq!(told(&series, "web", Tier::Minute), expected, "after crash {round}");
        let minute = round * 60;
        series.put(&[datum("web", minute, 1.0)]).expect("a put");
        if round % 3 == 1 {
            series.checkpoint(at(minute)).expect("a checkpoint");
        }
        series.put(&[datum("web", minute, 3.0)]).expect("a put");
        if round % 3 == 2 {
            series.checkpoint(at(minute)).expect("a checkpoint");
        }
        expected.push(format!("{minute}: 2 x 2"));
    }
}

#[test]
fn a_crash_between_the_transaction_and_the_journals_end_doubles_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    series.put(&[datum("web", 0, 1.0)]).expect("a put");
    let journal = dir.path().join("0000000001.journal");
    let written = fs::read(&journal).expect("the journal");
    series.checkpoint(at(0)).expect("a checkpoint");
    drop(series);
    fs::write(&journal, written).expect("the journal as it was");
    assert_eq!(told(&opened(dir.path()), "web", Tier::Minute), ["0: 1 x 1"]);
}

#[test]
fn a_record_that_was_cut_short_ends_the_journal() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    series.put(&[datum("web", 0, 1.0)]).expect("a put");
    series.put(&[datum("web", 60, 1.0)]).expect("a put");
    drop(series);
    let journal = dir.path().join("0000000001.journal");
    let written = fs::read(&journal).expect("the journal");
    fs::write(&journal, &written[..written.len() - 3]).expect("a shorter journal");
    let series = opened(dir.path());
    assert_eq!(told(&series, "web", Tier::Minute), ["0: 1 x 1"]);
    series.put(&[datum("web", 120, 1.0)]).expect("a put");
    drop(series);
    assert_eq!(told(&opened(dir.path()), "web", Tier::Minute), ["0: 1 x 1", "120: 1 x 1"]);
}

#[test]
fn late_values_find_their_block() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    series.put(&[datum("web", 0, 1.0)]).expect("a put");
    series.checkpoint(at(86_400)).expect("a checkpoint");
    series.put(&[datum("web", 0, 3.0)]).expect("a put");
    series.checkpoint(at(86_400)).expect("a checkpoint");
    assert_eq!(told(&series, "web", Tier::Minute), ["0: 2 x 2"]);
}

#[test]
fn each_tier_is_kept_as_long_as_aws_keeps_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    series.put(&[Datum { high_resolution: true, ..datum("web", 0, 1.0) }]).expect("a put");
    let there = |days: i64, hours: i64| {
        series.checkpoint(at(days * 86_400 + hours * 3600)).expect("a checkpoint");
        let count = |tier| told(&series, "web", tier).len();
        Tier::ALL.map(count)
    };
    assert_eq!(there(0, 3), [1, 1, 1, 1]);
    assert_eq!(there(0, 4), [0, 1, 1, 1]);
    assert_eq!(there(15, 3), [0, 0, 1, 1]);
    assert_eq!(there(64, 0), [0, 0, 0, 1]);
    assert_eq!(there(461, 0), [0, 0, 0, 0]);
    assert!(series.find(|_| true).is_empty());
}

#[test]
fn series_are_found_by_what_they_are() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    let seconds = Datum { unit: Unit::SECONDS, ..datum("web", 5, 1.0) };
    series.put(&[datum("web", 0, 1.0), seconds, datum("api", 60, 1.0)]).expect("a put");
    series.checkpoint(at(60)).expect("a checkpoint");
    drop(series);
    let series = opened(dir.path());
    let found = series.find(|listed| listed.metric.dimension("ClusterName") == Some("prod"));
    let told: Vec<String> = found
        .iter()
        .map(|l| {
            let service = l.metric.dimension("ServiceName").expect("a dimension");
            format!("{service} in {} until {}", l.unit.name(), l.last.secs() - START)
        })
        .collect();
    assert_eq!(
        told,
        ["api in Percent until 60", "web in Percent until 0", "web in Seconds until 5"]
    );
}

#[test]
fn a_query_adds_up_its_periods_from_a_rounded_start() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    let data: Vec<Datum> = (0..10).map(|n| datum("web", n * 60, n as f64)).collect();
    series.put(&data).expect("a put");
    let metric = cpu("web");
    let asked = |from: i64, period: i64, now: i64| {
        let query = Query {
            metric: &metric,
            unit: None,
            period,
            from: at(from),
            to: at(600),
            now: at(now),
        };
        let periods = series.query(&query).expect("periods");
        let line = |(when, set): &(Timestamp, StatisticSet)| {
            format!("{}: {} x {}", when.secs() - START, set.count, set.average())
        };
        periods.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(asked(70, 180, 600), ["60: 3 x 2", "240: 3 x 5", "420: 3 x 8"]);
    assert_eq!(asked(0, 300, 600), ["0: 5 x 2", "300: 5 x 7"]);
    let in_twenty_days = 20 * 86_400;
    assert_eq!(asked(70, 60, in_twenty_days), ["0: 5 x 2", "300: 5 x 7"]);
    assert_eq!(asked(0, 10, 600), [""; 0], "nothing was put in high resolution");
}
