//! What a metric filter makes of lines: a value for each that matches, and the default value for
//! a minute with lines of which none does. Pure.
//!
//! ```text
//! line ─▶ pattern ─▶ value ($.latency, or a number) ─┐
//!                 ─▶ dimensions (Path = $.path)     ─┴─▶ Reading, in the line's minute
//! ```
//!
//! The rules are those of the CloudWatch Logs user guide, "Creating metrics from log events using
//! filters". Where it is silent: a line whose value is no number, or that lacks a field of the
//! dimensions, gives no value; and a line belongs to the minute of its own timestamp.

use std::collections::BTreeMap;

use crate::filter_pattern::{FilterPattern, InvalidPattern, Selector};

const MINUTE_MS: i64 = 60_000;

/// So long after a minute's end, lines of it may still come before its default value is told.
const LATE_MS: i64 = 5_000;

/// A filter, ready to be used.
#[derive(Clone, Debug)]
pub struct MetricFilter {
    pub pattern: FilterPattern,
    pub transformations: Vec<Transformation>,
}

/// One metric of a filter.
#[derive(Clone, Debug)]
pub struct Transformation {
    pub value: MetricValue,
    pub default_value: Option<f64>,
    pub dimensions: Vec<(String, Selector)>,
}

/// Where a metric's value comes from.
#[derive(Clone, Debug)]
pub enum MetricValue {
    Number(f64),
    Field(Selector),
}

/// A value of one of a filter's metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which of the filter's transformations it is of.
    pub transformation: usize,
    /// When its minute begins.
    pub minute_ms: i64,
    pub value: f64,
    pub dimensions: Vec<(String, String)>,
}

/// The minutes that are not over yet, by their beginnings, and whether a line of them matched.
pub type OpenMinutes = BTreeMap<i64, bool>;

impl MetricValue {
    pub fn parse(text: &str) -> Result<MetricValue, InvalidPattern> {
        match text.starts_with('$') {
            true => Selector::parse(text).map(MetricValue::Field),
            false => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(MetricValue::Number(number)),
                _ => Err(InvalidPattern::Malformed),
            },
        }
    }
}

impl MetricFilter {
    /// The values of one line.
    pub fn read(
        &self,
        timestamp_ms: i64,
        message: &str,
        minutes: &mut OpenMinutes,
    ) -> Vec<Reading> {
        let minute_ms = timestamp_ms.div_euclid(MINUTE_MS) * MINUTE_MS;
        let found = self.pattern.find(message);
        if self.transformations.iter().any(|metric| metric.default_value.is_some()) {
            *minutes.entry(minute_ms).or_default() |= found.is_some();
        }
        let Some(found) = found else { return Vec::new() };
        let read = |(transformation, metric): (usize, &Transformation)| {
            let value = match &metric.value {
                MetricValue::Number(number) => *number,
                MetricValue::Field(field) => found.value(field)?.trim().parse().ok()?,
            };
            let dimension = |(name, field): &(String, Selector)| {
                Some((name.clone(), found.value(field).filter(|value| !value.is_empty())?))
            };
            let dimensions = metric.dimensions.iter().map(dimension).collect::<Option<_>>()?;
            f64::is_finite(value).then_some(Reading {
                transformation,
                minute_ms,
                value,
                dimensions,
            })
        };
        self.transformations.iter().enumerate().filter_map(read).collect()
    }

    /// Forgets the minutes that are over, and gives the default values of those without a match.
    pub fn close(&self, now_ms: i64, minutes: &mut OpenMinutes) -> Vec<Reading> {
        let is_over = |minute_ms: &i64| minute_ms + MINUTE_MS + LATE_MS <= now_ms;
        let over: Vec<i64> = minutes.keys().copied().filter(is_over).collect();
        let mut readings = Vec::new();
        for minute_ms in over {
            if minutes.remove(&minute_ms) == Some(true) {
                continue;
            }
            let defaults = self.transformations.iter().enumerate();
            readings.extend(defaults.filter_map(|(transformation, metric)| {
                let value = metric.default_value?;
                Some(Reading { transformation, minute_ms, value, dimensions: Vec::new() })
            }));
        }
        readings
    }
}

/// When the first of these minutes can be closed.
pub fn close_at_ms(minutes: &OpenMinutes) -> Option<i64> {
    minutes.keys().next().map(|minute_ms| minute_ms + MINUTE_MS + LATE_MS)
}

#[cfg(test)]
mod tests;
