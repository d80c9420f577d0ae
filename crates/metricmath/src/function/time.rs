//! Those that look at when values are.

use neargate_ids::Timestamp;

use super::Call;
use crate::{Series, Value, Wrong};

pub fn call(call: &Call<'_>) -> Result<Value, Wrong> {
    match (call.name, &call.values[..]) {
        ("PERIOD", [Value::Series(series)]) => Ok(Value::Scalar(series.period_s as f64)),
        ("TIME_SERIES", [Value::Scalar(value)]) => {
            let instants = call.inputs.instants();
            Ok(Value::Series(Series {
                label: String::new(),
                period_s: call.inputs.period_s(),
                points: instants.into_iter().map(|at| (at, *value)).collect(),
            }))
        }
        ("TIME_SERIES", [Value::Series(series)]) => Ok(Value::Series(series.clone())),
        ("PERIOD" | "TIME_SERIES", _) => call.misused(),
        ("DIFF", _) => {
            call.each_series(|series| with_earlier(series, |_, before, value| value - before))
        }
        ("DIFF_TIME", _) => {
            call.each_series(|series| with_earlier(series, |seconds, _, _| seconds))
        }
        ("RATE", _) => call.each_series(|series| {
            with_earlier(series, |seconds, before, value| (value - before) / seconds)
        }),
        ("RUNNING_SUM", _) => call.each_series(running_sum),
        (name, _) => call.each_series(|series| series.filter_map(|at, _| part(name, at))),
    }
}

/// Of each value and the one before it; the first has none.
fn with_earlier(series: &Series, of: impl Fn(f64, f64, f64) -> f64) -> Series {
    let mut before: Option<(Timestamp, f64)> = None;
    let mut found = Series { points: Default::default(), ..series.clone() };
    for (at, value) in &series.points {
        if let Some((earlier, last)) = before {
            let seconds = at.millis_since(earlier) as f64 / 1000.0;
            found.points.insert(*at, of(seconds, last, *value));
        }
        before = Some((*at, *value));
    }
    found
}

fn running_sum(series: &Series) -> Series {
    let mut sum = 0.0;
    let mut found = series.clone();
    for value in found.points.values_mut() {
        sum += *value;
        *value = sum;
    }
    found
}

/// A part of an instant, in UTC; Sunday is the seventh day of the week.
fn part(name: &str, at: Timestamp) -> Option<f64> {
    let format = match name {
        "MINUTE" => "%M",
        "HOUR" => "%H",
        "DAY" => "%u",
        "DATE" => "%d",
        "MONTH" => "%m",
        "YEAR" => "%Y",
        "EPOCH" => return Some(at.secs() as f64),
        _ => return None,
    };
    at.format(format).parse().ok()
}
