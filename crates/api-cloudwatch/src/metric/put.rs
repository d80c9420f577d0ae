//! PutMetricData: values of metrics of the application's own.
//!
//! The limits are those of MetricDatum and PutMetricData in the API reference.

use std::sync::Arc;

use neargate_api::types::cloudwatch::{
    MetricDatum, PutMetricDataInput, PutMetricDataOutput, error,
};
use neargate_api::{AwsError, Ctx, Timestamp};
use neargate_series::{Datum, Series, StatisticSet, Unit};

use super::{invalid_value, named, unit, unreadable};

const DATA_MAX: usize = 1000;
const VALUES_MAX: usize = 150;
const DIMENSIONS_MAX: usize = 30;
const PAST_S: i64 = 14 * 86_400;
const FUTURE_S: i64 = 2 * 3600;
/// Values lie between -2^360 and 2^360.
const LARGEST: f64 = 2.348_542_582_773_833_4e108;

pub async fn call(
    ctx: Ctx,
    series: Arc<Series>,
    input: PutMetricDataInput,
) -> Result<PutMetricDataOutput, AwsError> {
    let namespace = &input.namespace;
    if namespace.starts_with("AWS/") {
        let message = format!("The value {namespace} for parameter Namespace is invalid.");
        return Err(invalid_value(message));
    }
    if input.entity_metric_data.as_ref().is_some_and(|entities| !entities.is_empty()) {
        return Err(invalid_value(
            "Neargate does not know whose metrics are: give them as MetricData, and not as EntityMetricData.",
        ));
    }
    let given: Vec<&MetricDatum> = input.metric_data.iter().flatten().collect();
    if given.is_empty() {
        return Err(error::missing_required_parameter_exception(
            "The parameter MetricData is required.",
        ));
    }
    if given.len() > DATA_MAX {
        return Err(invalid_value(format!(
            "The collection MetricData must not have a size greater than {DATA_MAX}."
        )));
    }
    let mut data = Vec::with_capacity(given.len());
    for (number, datum) in given.into_iter().enumerate() {
        data.extend(read(&ctx, namespace, datum, &format!("MetricData.member.{}", number + 1))?);
    }
    series.put(&data).map_err(unreadable)?;
    Ok(PutMetricDataOutput {})
}

fn read(ctx: &Ctx, namespace: &str, datum: &MetricDatum, at: &str) -> Result<Vec<Datum>, AwsError> {
    let dimensions = datum.dimensions.as_deref();
    if dimensions.is_some_and(|dimensions| dimensions.len() > DIMENSIONS_MAX) {
        return Err(invalid_value(format!(
            "The collection {at}.Dimensions must not have a size greater than {DIMENSIONS_MAX}."
        )));
    }
    let high_resolution = match datum.storage_resolution {
        None | Some(60) => false,
        Some(1) => true,
        Some(other) => {
            return Err(invalid_value(format!(
                "The value {other} for parameter {at}.StorageResolution is invalid: it is 1 or 60."
            )));
        }
    };
    let instant = instant(ctx, datum, at)?;
    let values = values(datum, at)?;
    let metric = named(ctx, namespace, &datum.metric_name, dimensions);
    let unit = unit(datum.unit.as_deref())?.unwrap_or(Unit::NONE);
    Ok(values.map_or_else(Vec::new, |values| {
        vec![Datum { metric, unit, at: instant, high_resolution, values }]
    }))
}

fn instant(ctx: &Ctx, datum: &MetricDatum, at: &str) -> Result<Timestamp, AwsError> {
    let Some(instant) = datum.timestamp else { return Ok(ctx.now) };
    let age_s = ctx.now.millis_since(instant) / 1000;
    if age_s > PAST_S {
        return Err(invalid_value(format!(
            "The parameter {at}.Timestamp must specify a time within the past two weeks."
        )));
    }
    if age_s < -FUTURE_S {
        return Err(invalid_value(format!(
            "The parameter {at}.Timestamp must specify a time no more than two hours in the future."
        )));
    }
    Ok(instant)
}

/// The one of Value, Values and StatisticValues that is there; `None` for counts of nothing.
fn values(datum: &MetricDatum, at: &str) -> Result<Option<StatisticSet>, AwsError> {
    let given = [
        ("Value", datum.value.is_some()),
        ("Values", datum.values.is_some()),
        ("StatisticValues", datum.statistic_values.is_some()),
    ];
    let given: Vec<&str> =
        given.iter().filter(|(_, is_there)| *is_there).map(|(n, _)| *n).collect();
    if let [first, second, ..] = given[..] {
        return Err(error::invalid_parameter_combination_exception(format!(
            "The parameters {at}.{first} and {at}.{second} are mutually exclusive and you have specified both."
        )));
    }
    if let Some(value) = datum.value {
        return Ok(Some(StatisticSet::of(number(value, &format!("{at}.Value"))?)));
    }
    if let Some(values) = &datum.values {
        return counted(values, datum.counts.as_deref(), at);
    }
    let Some(set) = &datum.statistic_values else {
        return Err(error::missing_required_parameter_exception(format!(
            "At least one of the parameters must be specified: {at}.Value, {at}.Values, {at}.StatisticValues."
        )));
    };
    for (name, value) in [
        ("SampleCount", set.sample_count),
        ("Sum", set.sum),
        ("Minimum", set.minimum),
        ("Maximum", set.maximum),
    ] {
        number(value, &format!("{at}.StatisticValues.{name}"))?;
    }
    if set.sample_count <= 0.0 {
        return Err(invalid_value(format!(
            "The parameter {at}.StatisticValues.SampleCount must be greater than 0."
        )));
    }
    if set.minimum > set.maximum {
        return Err(invalid_value(format!(
            "The parameter {at}.StatisticValues.Minimum must be less than or equal to {at}.StatisticValues.Maximum."
        )));
    }
    Ok(Some(StatisticSet::published(set.sample_count, set.sum, set.minimum, set.maximum)))
}

fn counted(
    values: &[f64],
    counts: Option<&[f64]>,
    at: &str,
) -> Result<Option<StatisticSet>, AwsError> {
    if values.is_empty() || values.len() > VALUES_MAX {
        return Err(invalid_value(format!(
            "The collection {at}.Values must have between 1 and {VALUES_MAX} values."
        )));
    }
    if counts.is_some_and(|counts| counts.len() != values.len()) {
        return Err(invalid_value(format!(
            "The parameters {at}.Values and {at}.Counts must be of the same size."
        )));
    }
    let mut sets = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let value = number(*value, &format!("{at}.Values.member.{}", place + 1))?;
        let count = counts.map_or(1.0, |counts| counts[place]);
        let count = number(count, &format!("{at}.Counts.member.{}", place + 1))?;
        if count < 0.0 {
            return Err(invalid_value(format!("The values of {at}.Counts must not be negative.")));
        }
        if count > 0.0 {
            sets.push(StatisticSet::repeated(value, count));
        }
    }
    Ok(StatisticSet::all(sets))
}

fn number(value: f64, name: &str) -> Result<f64, AwsError> {
    if value.is_finite() && value.abs() <= LARGEST {
        return Ok(value);
    }
    Err(invalid_value(format!("The value {value} for parameter {name} is invalid.")))
}
