//! PutMetricFilter: a filter, or another version of the one of this name.

use neargate_api::model::logs::{LogGroup, MetricFilter, MetricFilterPlace, lines_key};
use neargate_api::types::logs::{
    self, MetricTransformation, PutMetricFilterOutput, PutMetricFilterRequest, error,
};
use neargate_api::{AwsError, Ctx, Stored, Tx};
use neargate_loglines::LogLines;
use neargate_logquery::filter_pattern::{FilterPattern, Selector};
use neargate_logquery::metric_filter::MetricValue;

use crate::{group, metric_filter};

/// Metric filters that a group can have.
const LIMIT: usize = 100;

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: PutMetricFilterRequest,
) -> Result<PutMetricFilterOutput, AwsError> {
    check(&input)?;
    let pattern = metric_filter::pattern(&input.filter_pattern)?;
    let metrics = input.metric_transformations.into_iter().map(|m| checked(m, &pattern));
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
    let since = lines.last_sequence(&lines_key(&ctx.region, &input.log_group_name));
    let made = MetricFilter {
        region: ctx.region.clone(),
        group: input.log_group_name,
        name: input.filter_name,
        filter: Stored(filter),
        since,
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
        Some(old) => {
            made.filter.creation_time = old.filter.creation_time;
            made.since = old.since;
        }
        None if tx.scan::<MetricFilter>(&group.children()).count() >= LIMIT => {
            return Err(error::limit_exceeded_exception("Resource limit exceeded."));
        }
        None => {}
    }
    // Its first filter does not look at what came before.
    if tx.scan::<MetricFilter>(&group.children()).next().is_none() {
        tx.put(MetricFilterPlace {
            region: made.region.clone(),
            group: made.group.clone(),
            sequence: made.since,
            ..Default::default()
        });
    }
    tx.put(made);
    Ok(())
}

/// What cannot act here: there are no transformed logs, and no logs of other accounts.
fn check(input: &PutMetricFilterRequest) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
    if input.apply_on_transformed_logs == Some(true) {
        return refuse("Neargate transforms no logs: leave applyOnTransformedLogs out.");
    }
    if input.field_selection_criteria.is_some() || input.emit_system_field_dimensions.is_some() {
        return refuse(
            "Neargate has the logs of one account only: leave fieldSelectionCriteria and emitSystemFieldDimensions out.",
        );
    }
    Ok(())
}

fn checked(
    mut metric: MetricTransformation,
    pattern: &FilterPattern,
) -> Result<MetricTransformation, AwsError> {
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
    if dimensions > 0 && !pattern.has_fields() {
        return refuse(
            "Invalid metric transformation: dimensions are supported for JSON and space-delimited filter patterns only.",
        );
    }
    let fields = metric.dimensions.iter().flatten().map(|(_, field)| field);
    if let Some(field) = fields.into_iter().find(|field| Selector::parse(field).is_err()) {
        return refuse(&format!(
            "Invalid metric transformation: the dimension's value {field} is not a $field."
        ));
    }
    if MetricValue::parse(&metric.metric_value).is_err() {
        return refuse("Invalid metric transformation: metricValue must be a number or a $field.");
    }
    metric.unit.get_or_insert_with(|| "None".into());
    Ok(metric)
}
