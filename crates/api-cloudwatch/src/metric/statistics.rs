//! GetMetricStatistics: one metric, each period with the statistics that are asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::types::cloudwatch::{
    Datapoint, GetMetricStatisticsInput, GetMetricStatisticsOutput, error,
};
use neargate_api::{AwsError, Ctx, Timestamp};
use neargate_series::{Query, Series, Statistic, StatisticSet, Unit};

use super::{invalid_value, is_period, named, statistic, unit, unreadable};

const DATAPOINTS_MAX: i64 = 1440;

pub async fn call(
    ctx: Ctx,
    series: Arc<Series>,
    input: GetMetricStatisticsInput,
) -> Result<GetMetricStatisticsOutput, AwsError> {
    check(&input)?;
    let wanted = unit(input.unit.as_deref())?;
    let extended = input.extended_statistics.iter().flatten();
    let extended: Vec<(&String, Statistic)> =
        extended.map(|name| Ok((name, statistic(name)?))).collect::<Result<_, AwsError>>()?;
    let asks = |name: &str| input.statistics.iter().flatten().any(|own| own == name);
    let metric = named(&ctx, &input.namespace, &input.metric_name, input.dimensions.as_deref());
    let units = series.of(&metric).into_iter().map(|(_, unit)| unit);
    let mut datapoints = Vec::new();
    for unit in units.filter(|unit| wanted.is_none_or(|wanted| wanted == *unit)) {
        let query = Query {
            metric: &metric,
            unit: Some(unit),
            period: input.period.into(),
            from: input.start_time,
            to: input.end_time,
            now: ctx.now,
        };
        for (at, set) in series.query(&query).map_err(unreadable)? {
            datapoints.push(datapoint(at, unit, &set, &asks, &extended));
        }
    }
    Ok(GetMetricStatisticsOutput { label: Some(input.metric_name), datapoints: Some(datapoints) })
}

fn datapoint(
    at: Timestamp,
    unit: Unit,
    set: &StatisticSet,
    asks: &dyn Fn(&str) -> bool,
    extended: &[(&String, Statistic)],
) -> Datapoint {
    let known =
        extended.iter().filter_map(|(name, statistic)| Some(((*name).clone(), statistic.of(set)?)));
    let extended: BTreeMap<String, f64> = known.collect();
    Datapoint {
        timestamp: Some(at),
        unit: Some(unit.name().into()),
        sample_count: asks("SampleCount").then_some(set.count),
        average: asks("Average").then(|| set.average()),
        sum: asks("Sum").then_some(set.sum),
        minimum: asks("Minimum").then_some(set.min),
        maximum: asks("Maximum").then_some(set.max),
        extended_statistics: (!extended.is_empty()).then_some(extended),
    }
}

fn check(input: &GetMetricStatisticsInput) -> Result<(), AwsError> {
    let none = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    if none(&input.statistics) && none(&input.extended_statistics) {
        return Err(error::missing_required_parameter_exception(
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    if input.start_time >= input.end_time {
        return Err(invalid_value(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    if !is_period(input.period) {
        return Err(invalid_value(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ));
    }
    let seconds = input.end_time.millis_since(input.start_time) / 1000;
    let datapoints = seconds / i64::from(input.period);
    if datapoints > DATAPOINTS_MAX {
        return Err(error::invalid_parameter_combination_exception(format!(
            "You have requested up to {datapoints} datapoints, which exceeds the limit of {DATAPOINTS_MAX}. \
             You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )));
    }
    Ok(())
}
