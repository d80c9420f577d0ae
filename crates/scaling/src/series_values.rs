//! What metrics were, out of what is kept of them.

use neargate_api::model::cloudwatch::Alarm;
use neargate_api::types::cloudwatch::{MetricAlarm, MetricDataQuery};
use neargate_api::{Snapshot, Timestamp};
use neargate_api_cloudwatch::{Queries, Single, detector};
use neargate_series::{Query, Series};

use crate::look::Values;

pub struct SeriesValues<'a> {
    pub snapshot: &'a Snapshot,
    pub series: &'a Series,
    pub now: Timestamp,
}

/// Where what was measured last is not there yet, one period more is looked at.
const LATE: usize = 1;
/// Of metric math whose metrics say none, in seconds.
const PERIOD_S: i32 = 60;

impl Values for SeriesValues<'_> {
    fn of(&self, alarm: &Alarm, definition: &MetricAlarm, periods: usize) -> Vec<f64> {
        let oldest_first = match &definition.metrics {
            Some(queries) => self.of_queries(alarm, queries, periods),
            None => self.of_metric(alarm, definition, periods),
        };
        oldest_first.unwrap_or_default().into_iter().rev().take(periods).collect()
    }
}

impl SeriesValues<'_> {
    /// The range of the last periods.
    fn range(&self, period_s: i64, periods: usize) -> (Timestamp, Timestamp) {
        let whole = period_s.min(60);
        let to = self.now.secs().div_euclid(whole) * whole;
        let from = to - period_s * (periods + LATE) as i64;
        (Timestamp::from_secs(from), Timestamp::from_secs(to))
    }

    fn of_metric(
        &self,
        alarm: &Alarm,
        definition: &MetricAlarm,
        periods: usize,
    ) -> Option<Vec<f64>> {
        let single = Single::of(&alarm.region, definition)?;
        let (from, to) = self.range(single.period_s, periods);
        let query = Query {
            metric: &single.metric,
            unit: single.unit,
            period: single.period_s,
            from,
            to,
            now: self.now,
        };
        let points = self.series.query(&query).inspect_err(|error| {
            tracing::warn!(%error, alarm = alarm.name, "the metric of an alarm could not be read");
        });
        Some(points.ok()?.iter().filter_map(|(_, set)| single.statistic.of(set)).collect())
    }

    /// Of metric math: what the query comes to that returns data.
    fn of_queries(
        &self,
        alarm: &Alarm,
        queries: &[MetricDataQuery],
        periods: usize,
    ) -> Option<Vec<f64>> {
        let watched = queries.iter().find(|query| query.return_data != Some(false))?;
        let stats = queries.iter().filter_map(|query| query.metric_stat.as_ref());
        let period = stats.map(|stat| stat.period).max().unwrap_or(PERIOD_S);
        let models = detector::models(self.snapshot.clone(), &alarm.region);
        let range = self.range(period.into(), periods);
        let all = Queries::new(self.series, &alarm.region, queries, range, self.now, &models);
        let found = all.found(watched).inspect_err(|error| {
            tracing::warn!(%error, alarm = alarm.name, "the metric math of an alarm came to nothing");
        });
        let series = found.ok()?.into_iter().next()?.series;
        Some(series.points.into_values().collect())
    }
}
