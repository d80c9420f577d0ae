//! Those that make one value of many: of a series a scalar, of a list a series.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

use super::Call;
use crate::{Series, Value, Wrong};

pub fn call(call: &Call<'_>) -> Result<Value, Wrong> {
    match (&call.values[..], call.name) {
        ([Value::List(list)], "METRIC_COUNT") => Ok(Value::Scalar(list.len() as f64)),
        ([Value::Series(_)], "METRIC_COUNT") => Ok(Value::Scalar(1.0)),
        (_, "METRIC_COUNT") => call.misused(),
        ([Value::Scalar(value)], name) => Ok(Value::Scalar(of(name, &[*value]))),
        ([Value::Series(series)], name) => {
            Ok(Value::Scalar(of(name, &series.values().collect::<Vec<_>>())))
        }
        ([Value::List(list)], name) => Ok(Value::Series(across(name, list))),
        _ => call.misused(),
    }
}

/// At each instant, of those that have a value then.
fn across(name: &str, list: &[Series]) -> Series {
    let mut by_time: BTreeMap<Timestamp, Vec<f64>> = BTreeMap::new();
    for series in list {
        for (at, value) in &series.points {
            by_time.entry(*at).or_default().push(*value);
        }
    }
    Series {
        label: String::new(),
        period_s: list.iter().map(|series| series.period_s).max().unwrap_or_default(),
        points: by_time.into_iter().map(|(at, values)| (at, of(name, &values))).collect(),
    }
}

fn of(name: &str, values: &[f64]) -> f64 {
    let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
    match name {
        "AVG" => sum / count,
        "MAX" => values.iter().copied().fold(f64::NAN, f64::max),
        "MIN" => values.iter().copied().fold(f64::NAN, f64::min),
        "SUM" => sum,
        "STDDEV" => {
            let mean = sum / count;
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
        }
        _ => count,
    }
}
