//! Expressions and what they come to, over the examples of AWS's guide.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

use crate::search::{Candidate, Search};
use crate::{Inputs, Series, Value, Wrong, evaluate, parse};

/// Values a minute apart, from three o'clock of a Friday; `None` where there is none.
struct Minutes(BTreeMap<&'static str, Vec<Option<f64>>>);

const BEGIN_S: i64 = 1_767_322_800;

fn at(minute: usize) -> Timestamp {
    Timestamp::from_secs(BEGIN_S + 60 * minute as i64)
}

impl Minutes {
    fn series(&self, id: &str) -> Option<Series> {
        let values = self.0.get(id)?;
        let points = values.iter().enumerate().filter_map(|(i, value)| Some((at(i), (*value)?)));
        Some(Series { label: id.to_owned(), period_s: 60, points: points.collect() })
    }
}

impl Inputs for Minutes {
    fn named(&self, id: &str) -> Result<Value, Wrong> {
        self.series(id).map(Value::Series).ok_or_else(|| Wrong(format!("Undefined variable {id}")))
    }

    fn metrics(&self) -> Result<Vec<(String, Series)>, Wrong> {
        Ok(self.0.keys().filter_map(|id| Some(((*id).to_owned(), self.series(id)?))).collect())
    }

    fn search(&self, _: &str, _: &str, _: Option<i64>) -> Result<Vec<Series>, Wrong> {
        Ok(self.metrics()?.into_iter().map(|(_, series)| series).collect())
    }

    fn band(&self, _: &str, series: &Series, width: f64) -> Result<[Series; 2], Wrong> {
        Ok([series.map(|value| value + width), series.map(|value| value - width)])
    }

    fn instants(&self) -> Vec<Timestamp> {
        (0..4).map(at).collect()
    }

    fn period_s(&self) -> i64 {
        60
    }
}

fn shown(value: &Value) -> String {
    let series = |series: &Series| {
        let points = (0..4).map(|i| series.points.get(&at(i)).map_or("-".into(), f64::to_string));
        points.collect::<Vec<_>>().join(" ")
    };
    match value {
        Value::Scalar(value) => value.to_string(),
        Value::Series(one) => series(one),
        Value::List(list) => list.iter().map(series).collect::<Vec<_>>().join(" | "),
        Value::Text(text) => format!("'{text}'"),
    }
}

fn come_to(expression: &str) -> String {
    let inputs = Minutes(BTreeMap::from([
        ("m1", vec![Some(10.0), Some(20.0), None, Some(40.0)]),
        ("m2", vec![Some(1.0), Some(0.0), Some(3.0), Some(-4.0)]),
        ("x3", vec![None; 4]),
    ]));
    match parse(expression).and_then(|parsed| evaluate(&parsed, &inputs)) {
        Ok(value) => shown(&value),
        Err(wrong) => format!("wrong: {wrong}"),
    }
}

#[test]
fn expressions_come_to_what_the_guide_says() {
    let table = [
        // Arithmetic of scalars, series and arrays.
        ("2 + 3 * 4 ^ 2 - -1", "51"),
        ("m1 * 2", "20 40 - 80"),
        ("100 - m2", "99 100 97 104"),
        ("m1 / m2", "10 - - -10"),
        ("[m1, m2] * 10", "100 200 - 400 | 10 0 30 -40"),
        ("[m1, m2] + [m2, m1]", "11 20 - 36 | 11 20 - 36"),
        // Comparison and logic: true is 1.
        ("m1 > 10", "0 1 - 1"),
        ("m2 == 0 OR m2 >= 3", "0 1 1 0"),
        ("m1 > 5 && m2", "1 0 - 1"),
        // One value of many.
        ("SUM(m2)", "0"),
        ("SUM([m1, m2])", "11 20 3 36"),
        ("AVG(METRICS())", "5.5 10 3 18"),
        ("AVG(METRICS('m1'))", "10 20 - 40"),
        ("MAX([m1, m2]) - MIN([m1, m2])", "9 20 0 44"),
        ("STDDEV([m1, m2])", "4.5 10 0 22"),
        ("DATAPOINT_COUNT(m1)", "3"),
        ("DATAPOINT_COUNT([m1, m2])", "2 2 1 2"),
        ("METRIC_COUNT(METRICS())", "3"),
        ("m1 / MAX(m1)", "0.25 0.5 - 1"),
        // Of each value.
        ("ABS(m2)", "1 0 3 4"),
        ("CEIL(m2 / 2)", "1 0 2 -2"),
        ("FLOOR(m2 / 2)", "0 0 1 -2"),
        ("LOG10(m1 * 10)", "2 2.3010299956639813 - 2.6020599913279625"),
        ("LOG(m2)", "0 - 1.0986122886681098 -"),
        // From one to the next.
        ("DIFF(m1)", "- 10 - 20"),
        ("DIFF_TIME(m1)", "- 60 - 120"),
        ("RATE(m1) * 60", "- 10 - 10"),
        ("RUNNING_SUM(m2)", "1 1 4 0"),
        // What is missing.
        ("FILL(m1, 0)", "10 20 0 40"),
        ("FILL(m1, REPEAT)", "10 20 20 40"),
        ("FILL(m1, LINEAR)", "10 20 30 40"),
        ("FILL(m1, m2)", "10 20 3 40"),
        ("FILL(METRICS(), 7)", "10 20 7 40 | 1 0 3 -4 | 7 7 7 7"),
        ("REMOVE_EMPTY(METRICS())", "10 20 - 40 | 1 0 3 -4"),
        // Choosing.
        ("IF(m1 > 10, m2, 5)", "5 0 - -4"),
        ("IF(m1 > 10, m2)", "- 0 - -4"),
        ("IF(1 > 2, m1, m2)", "1 0 3 -4"),
        ("FIRST([m2, m1])", "1 0 3 -4"),
        ("LAST([m2, m1])", "10 20 - 40"),
        ("SLICE([m1, m2], 1)", "1 0 3 -4"),
        ("SLICE([m1, m2], 0, 1)", "10 20 - 40"),
        ("SORT([m1, m2], AVG, ASC)", "1 0 3 -4 | 10 20 - 40"),
        ("SORT([m1, m2], MAX, DESC, 1)", "10 20 - 40"),
        // Time. 2026-01-02 03:00 UTC is a Friday.
        ("PERIOD(m1)", "60"),
        ("MINUTE(m1)", "0 1 - 3"),
        ("HOUR(m2)", "3 3 3 3"),
        ("DAY(m2)", "5 5 5 5"),
        ("DATE(m2) + MONTH(m2) * 100 + YEAR(m2) * 10000", "20260102 20260102 20260102 20260102"),
        ("EPOCH(m1) - 1767322800", "0 60 - 180"),
        ("TIME_SERIES(5)", "5 5 5 5"),
        ("ANOMALY_DETECTION_BAND(m1, 3)", "13 23 - 43 | 7 17 - 37"),
        // Errors.
        ("m9", "wrong: Undefined variable m9"),
        ("m1 +", "wrong: Error in expression: it ends too early"),
        ("(m1", "wrong: Error in expression: expected ')'"),
        ("m1 m2", "wrong: Error in expression: unexpected m2"),
        ("WHAT(m1)", "wrong: Unsupported function WHAT"),
        ("SERVICE_QUOTA(m1)", "wrong: Neargate knows no service quotas"),
        (
            "[m1] + [m1, m2]",
            "wrong: Unsupported operand type(s) for +: 'array of time series' and 'array of time series'",
        ),
        ("ABS('x')", "wrong: Unsupported operand type(s) for ABS: 'string'"),
        ("m1 ? 1", "wrong: Error in expression: unexpected character '?'"),
    ];
    let wrong: Vec<String> = table
        .iter()
        .filter(|(expression, expected)| come_to(expression) != *expected)
        .map(|(expression, expected)| {
            format!("{expression}\n  is        {}\n  should be {expected}", come_to(expression))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn deep_nesting_is_refused_and_not_a_crash() {
    let deep = "(".repeat(5000);
    assert_eq!(come_to(&deep), "wrong: Error in expression: it is nested too deeply");
    let negative = "-".repeat(5000);
    assert_eq!(come_to(&negative), "wrong: Error in expression: it is nested too deeply");
}

#[test]
fn the_ids_that_an_expression_needs() {
    let parsed = parse("IF(e1 > 5, SUM([m1, m2]), FILL(m1, REPEAT))").unwrap();
    assert_eq!(parsed.names(), ["e1", "m1", "m2"]);
    assert!(parsed.calls("FILL") && !parsed.calls("SEARCH"));
}

#[test]
fn searches_select_metrics() {
    let dimensions = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    };
    let service = dimensions(&[("ClusterName", "shop-prod"), ("ServiceName", "web")]);
    let cluster = dimensions(&[("ClusterName", "shop-prod")]);
    let api = dimensions(&[("ClusterName", "shop-test"), ("ServiceName", "api2")]);
    let all = [
        ("web", "AWS/ECS", "CPUUtilization", &service),
        ("cluster", "AWS/ECS", "CPUUtilization", &cluster),
        ("api", "AWS/ECS", "MemoryUtilization", &api),
        ("own", "Shop", "orders", &cluster),
    ];
    let found = |search: &str| match Search::parse(search) {
        Err(wrong) => format!("wrong: {wrong}"),
        Ok(search) => {
            let finds = |(_, namespace, name, dimensions): &(&str, &str, &str, &Vec<_>)| {
                search.finds(&Candidate { namespace, name, dimensions })
            };
            let names = all.iter().filter(|one| finds(one)).map(|(called, ..)| *called);
            names.collect::<Vec<_>>().join(" ")
        }
    };
    let table = [
        ("{AWS/ECS,ClusterName,ServiceName}", "web api"),
        ("{AWS/ECS,ServiceName,ClusterName} MetricName=\"CPUUtilization\"", "web"),
        ("{AWS/ECS, ClusterName} cpu", "cluster"),
        ("utilization prod", "web cluster"),
        ("cpuutilization", "web cluster"),
        ("ClusterName=shop NOT ServiceName=web", "cluster api own"),
        ("ServiceName=(\"web\" OR \"api2\")", "web api"),
        ("\"shop-prod\" orders OR api", "api own"),
        ("(orders OR memory) AND NOT test", "own"),
        ("Namespace=\"AWS/ECS\" MetricName=Memory", "api"),
        ("MetricName=\"CPU\"", ""),
        ("{AWS/ECS", "wrong: Error in search: '}' is missing"),
        ("(cpu", "wrong: Error in search: ')' is missing"),
    ];
    for (search, expected) in table {
        assert_eq!(found(search), expected, "{search}");
    }
}
