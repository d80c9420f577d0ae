//! Metrics: what their operations share. Their values are in `neargate-series`.

pub mod anomaly;
pub mod data;
pub mod detector;
pub mod label;
pub mod list;
pub mod put;
pub mod queries;
pub mod statistics;
pub mod widget;

use neargate_api::types::cloudwatch::{self, Dimension, error};
use neargate_api::{AwsError, Ctx};
use neargate_series::{Metric, SeriesError, Statistic, Unit};

/// The metric that an input names.
fn named(ctx: &Ctx, namespace: &str, name: &str, dimensions: Option<&[Dimension]>) -> Metric {
    let dimensions = dimensions.unwrap_or_default().iter();
    Metric::new(&ctx.region, namespace, name, dimensions.map(|d| (&d.name, &d.value)))
}

/// A metric as AWS shows it.
fn shown(metric: &Metric) -> cloudwatch::Metric {
    let dimension =
        |(name, value): &(String, String)| Dimension { name: name.clone(), value: value.clone() };
    cloudwatch::Metric {
        namespace: Some(metric.namespace.clone()),
        metric_name: Some(metric.name.clone()),
        dimensions: Some(metric.dimensions().iter().map(dimension).collect()),
    }
}

/// The values could not be had: the disk.
fn unreadable(error: SeriesError) -> AwsError {
    error::internal_service_fault(format!("The metrics could not be read or written: {error}"))
}

fn invalid_value(message: impl Into<String>) -> AwsError {
    error::invalid_parameter_value_exception(message)
}

/// A unit by its name, where there is one.
fn unit(name: Option<&str>) -> Result<Option<Unit>, AwsError> {
    let Some(name) = name else { return Ok(None) };
    let known = Unit::named(name);
    known.map(Some).ok_or_else(|| invalid_value(format!("{name} is no unit.")))
}

fn statistic(name: &str) -> Result<Statistic, AwsError> {
    Statistic::named(name).ok_or_else(|| {
        invalid_value(format!("The value {name} for parameter Stat is not supported."))
    })
}

/// Whether CloudWatch has this period: 1, 5, 10, 20, 30 or a multiple of 60 seconds.
fn is_period(seconds: i32) -> bool {
    [1, 5, 10, 20, 30].contains(&seconds) || (seconds >= 60 && seconds % 60 == 0)
}
