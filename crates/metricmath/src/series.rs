//! What expressions are made of and come to: scalars, time series, and lists of these.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

/// Values by time, and what they are called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub label: String,
    /// Seconds between its values.
    pub period_s: i64,
    pub points: BTreeMap<Timestamp, f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Scalar(f64),
    Series(Series),
    /// `[m1, m2]`, `METRICS()`, `SEARCH(…)`
    List(Vec<Series>),
    Text(String),
}

impl Series {
    pub fn values(&self) -> impl DoubleEndedIterator<Item = f64> {
        self.points.values().copied()
    }

    /// The same instants with other values.
    pub fn map(&self, change: impl Fn(f64) -> f64) -> Series {
        self.filter_map(|_, value| Some(change(value)))
    }

    /// Other values, or none, at each instant. What is no number is no value.
    pub fn filter_map(&self, change: impl Fn(Timestamp, f64) -> Option<f64>) -> Series {
        let changed =
            self.points.iter().filter_map(|(at, value)| Some((*at, change(*at, *value)?)));
        Series {
            label: self.label.clone(),
            period_s: self.period_s,
            points: changed.filter(|(_, value)| value.is_finite()).collect(),
        }
    }
}

impl Value {
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Scalar(_) => "scalar",
            Value::Series(_) => "time series",
            Value::List(_) => "array of time series",
            Value::Text(_) => "string",
        }
    }
}
