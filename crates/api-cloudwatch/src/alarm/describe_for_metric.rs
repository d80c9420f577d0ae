//! DescribeAlarmsForMetric: the alarms that watch exactly this metric.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{
    DescribeAlarmsForMetricInput, DescribeAlarmsForMetricOutput, Dimension, MetricAlarm,
};
use neargate_api::{AwsError, Ctx};

use crate::alarm;

pub async fn call(
    ctx: Ctx,
    input: DescribeAlarmsForMetricInput,
) -> Result<DescribeAlarmsForMetricOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let alarms = snapshot.scan::<Alarm>(&Alarm::key_of(&ctx.region, ""));
    let watching = alarms.filter_map(|alarm| match &alarm.definition {
        AlarmDefinition::Metric(metric) if watches(metric, &input) => {
            Some(alarm::shown_metric(&alarm, metric))
        }
        _ => None,
    });
    Ok(DescribeAlarmsForMetricOutput { metric_alarms: Some(watching.collect()) })
}

fn watches(alarm: &MetricAlarm, input: &DescribeAlarmsForMetricInput) -> bool {
    fn fits<T: PartialEq>(asked: &Option<T>, there: &Option<T>) -> bool {
        asked.is_none() || asked == there
    }
    alarm.metric_name.as_ref() == Some(&input.metric_name)
        && alarm.namespace.as_ref() == Some(&input.namespace)
        && sorted(&alarm.dimensions) == sorted(&input.dimensions)
        && fits(&input.statistic, &alarm.statistic)
        && fits(&input.extended_statistic, &alarm.extended_statistic)
        && fits(&input.period, &alarm.period)
        && fits(&input.unit, &alarm.unit)
}

/// Dimensions in an order of their own: theirs does not matter.
fn sorted(dimensions: &Option<Vec<Dimension>>) -> Vec<(&str, &str)> {
    let all = dimensions.iter().flatten();
    let mut pairs: Vec<_> = all.map(|d| (d.name.as_str(), d.value.as_str())).collect();
    pairs.sort_unstable();
    pairs
}
