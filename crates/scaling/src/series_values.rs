//! What metrics were, out of what is kept of them.

use neargate_api::Timestamp;
use neargate_api::model::cloudwatch::Alarm;
use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_series::{Metric, Query, Series, Statistic, Unit};

use crate::look::Values;

pub struct SeriesValues<'a> {
    pub series: &'a Series,
    pub now: Timestamp,
}

/// Where what was measured last is not there yet, one period more is looked at.
const LATE: usize = 1;

impl Values for SeriesValues<'_> {
    fn of(&self, alarm: &Alarm, definition: &MetricAlarm, periods: usize) -> Vec<f64> {
        self.read(alarm, definition, periods).unwrap_or_default()
    }
}

impl SeriesValues<'_> {
    fn read(&self, alarm: &Alarm, definition: &MetricAlarm, periods: usize) -> Option<Vec<f64>> {
        let dimensions = definition.dimensions.iter().flatten();
        let metric = Metric::new(
            &alarm.region,
            definition.namespace.as_ref()?,
            definition.metric_name.as_ref()?,
            dimensions.map(|dimension| (&dimension.name, &dimension.value)),
        );
        let name = definition.statistic.as_ref().or(definition.extended_statistic.as_ref())?;
        let statistic = Statistic::named(name)?;
        let period = i64::from(definition.period?);
        let whole = period.min(60);
        let to = self.now.secs().div_euclid(whole) * whole;
        let from = to - period * (periods + LATE) as i64;
        let query = Query {
            metric: &metric,
            unit: definition.unit.as_deref().and_then(Unit::named),
            period,
            from: Timestamp::from_secs(from),
            to: Timestamp::from_secs(to),
            now: self.now,
        };
        let points = self.series.query(&query).inspect_err(|error| {
            tracing::warn!(%error, alarm = alarm.name, "the metric of an alarm could not be read");
        });
        let newest_first = points.ok()?.into_iter().rev();
        Some(newest_first.filter_map(|(_, set)| statistic.of(&set)).take(periods).collect())
    }
}
