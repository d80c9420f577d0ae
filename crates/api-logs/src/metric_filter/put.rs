//! PutMetricFilter: a filter, or another version of the one of this name.

use neargate_api::model::logs::{LogGroup, MetricFilter};
use neargate_api::types::logs::{
    self, MetricTransformation, PutMetricFilterOutput, PutMetricFilterRequest, error,
};
use neargate_api::{AwsError, Ctx, Stored, Tx};

use crate::{group, metric_filter};

/// Metric filters that a group can have.
const LIMIT: usize = 100;

pub async fn call(
    ctx: Ctx,
    input: PutMetricFilterRequest,
) -> Result<PutMetricFilterOutput, AwsError> {
    metric_filter::pattern(&input.filter_pattern)?;
    let metrics = input.metric_transformations.into_iter().map(checked);
    let metrics = metrics.collect::<Result<Vec<_>, _>>()?;
    let filter = logs::MetricFilter {
        apply_on_transformed_logs: Some(input.apply_on_transformed_logs.unwrap_or(false)),
        creation_time: Some(ctx.now.millis()),
        emit_system_field_dimensions: input.emit_system_field_dimensions,
        field_selection_criteria: input.field_selection_criteria,
        filter_name: Some(input.filter_name.clone()),
        filter_pattern: Some(input.filter_pattern),
        log_group_name: Some(input.log_group_name.clone()),
        metric_transformations: Some(metrics),
    };
    let made = MetricFilter {
        region: ctx.region.clone(),
        group: input.log_group_name,
        name: input.filter_name,
        filter: Stored(filter),
    };
    ctx.write(move |tx| put(tx, made)).await?;
    Ok(PutMetricFilterOutput {})
}

fn put(tx: &mut Tx, mut made: MetricFilter) -> Result<(), AwsError> {
    let key = LogGroup::key_of(&made.region, &made.group);
    let group = tx.get::<LogGroup>(&key).ok_or_else(group::not_found)?;
    if group.class != "STANDARD" {
        return Err(error::invalid_operation_exception(format!(
            "Metric filters are not supported for log groups of the class {}.",
            group.class
        )));
    }
    let key = MetricFilter::key_of(&made.region, &made.group, &made.name);
    match tx.get::<MetricFilter>(&key) {
        Some(old) => made.filter.creation_time = old.filter.creation_time,
        None if tx.scan::<MetricFilter>(&group.children()).count() >= LIMIT => {
            return Err(error::limit_exceeded_exception("Resource limit exceeded."));
        }
        None => {}
    }
    tx.put(made);
    Ok(())
}

fn checked(mut metric: MetricTransformation) -> Result<MetricTransformation, AwsError> {
    let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
    let dimensions = metric.dimensions.as_ref().map_or(0, |dimensions| dimensions.len());
    if dimensions > 0 && metric.default_value.is_some() {
        return refuse(
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
        );
    }
    if dimensions > 3 {
        return refuse("Invalid metric transformation: at most 3 dimensions are allowed.");
    }
    if !metric.metric_value.starts_with('$') && metric.metric_value.parse::<f64>().is_err() {
        return refuse("Invalid metric transformation: metricValue must be a number or a $field.");
    }
    metric.unit.get_or_insert_with(|| "None".into());
    Ok(metric)
}
