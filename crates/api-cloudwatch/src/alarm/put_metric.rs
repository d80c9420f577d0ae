//! PutMetricAlarm: an alarm, or another configuration of the one of this name.

use neargate_api::model::cloudwatch::AlarmDefinition;
use neargate_api::types::cloudwatch::{MetricAlarm, PutMetricAlarmInput, PutMetricAlarmOutput};
use neargate_api::{AwsError, Ctx, Stored};

use crate::{alarm, tags};

pub async fn call(ctx: Ctx, input: PutMetricAlarmInput) -> Result<PutMetricAlarmOutput, AwsError> {
    alarm::threshold::check(&input)?;
    alarm::check_actions(&[
        &input.alarm_actions,
        &input.ok_actions,
        &input.insufficient_data_actions,
    ])?;
    let tags = tags::read(input.tags.clone())?;
    let name = input.alarm_name.clone();
    let definition = AlarmDefinition::Metric(Stored(definition(input)));
    let asked = ctx.clone();
    ctx.write(move |tx| alarm::put(tx, &asked, &name, definition, tags)).await?;
    Ok(PutMetricAlarmOutput {})
}

/// What is kept of the input, with AWS's defaults.
pub(super) fn definition(input: PutMetricAlarmInput) -> MetricAlarm {
    MetricAlarm {
        action_configuration: input.action_configuration,
        actions_enabled: Some(input.actions_enabled.unwrap_or(true)),
        alarm_actions: Some(input.alarm_actions.unwrap_or_default()),
        alarm_description: input.alarm_description,
        comparison_operator: input.comparison_operator,
        datapoints_to_alarm: input.datapoints_to_alarm,
        dimensions: Some(input.dimensions.unwrap_or_default()),
        evaluate_low_sample_count_percentile: input.evaluate_low_sample_count_percentile,
        evaluation_criteria: input.evaluation_criteria,
        evaluation_interval: input.evaluation_interval,
        evaluation_periods: input.evaluation_periods,
        evaluation_window: input.evaluation_window,
        extended_statistic: input.extended_statistic,
        insufficient_data_actions: Some(input.insufficient_data_actions.unwrap_or_default()),
        metric_name: input.metric_name,
        metrics: input.metrics,
        namespace: input.namespace,
        ok_actions: Some(input.ok_actions.unwrap_or_default()),
        period: input.period,
        statistic: input.statistic,
        threshold: input.threshold,
        threshold_metric_id: input.threshold_metric_id,
        treat_missing_data: input.treat_missing_data,
        unit: input.unit,
        warm_up_configuration: input.warm_up_configuration,
        ..Default::default()
    }
}
