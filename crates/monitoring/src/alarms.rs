//! Evaluates the metric alarms: each minute, those of less than a minute's period every ten seconds.

mod reason_data;

use std::sync::Arc;

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_api::{StoreError, Timestamp};
use neargate_api_cloudwatch::evaluated::{self, Evaluated};
use neargate_plan::metric_alarm::{Comparison, Condition, Datapoint, Missing, Verdict};
use neargate_series::{Metric, Query, Series, SeriesError, Statistic, Unit};

use crate::Monitoring;

/// Tells each alarm that is due, where it is news.
pub async fn evaluate(monitoring: &Monitoring, is_minute: bool, now: Timestamp) {
    let snapshot = monitoring.cloud.store.snapshot();
    let mut found: Vec<(Arc<Alarm>, Evaluated)> = Vec::new();
    let mut problems = Vec::new();
    for alarm in snapshot.all::<Alarm>() {
        let AlarmDefinition::Metric(definition) = &alarm.definition else { continue };
        let Some(watch) = Watch::of(&alarm, definition) else { continue };
        if !is_minute && watch.period_s >= 60 {
            continue;
        }
        match watch.evaluate(&monitoring.series, &alarm, now) {
            Ok(Some(evaluated)) => found.push((alarm, evaluated)),
            Ok(None) => {}
            Err(error) => problems.push(format!("the evaluation of {}: {error}", alarm.name)),
        }
    }
    if !found.is_empty() {
        let written = monitoring.cloud.store.write(move |tx| {
            for (alarm, evaluated) in found {
                evaluated::say(tx, &alarm, evaluated, now);
            }
            Ok::<(), StoreError>(())
        });
        problems.extend(written.await.err().map(|error| error.to_string()));
    }
    for problem in &problems {
        tracing::warn!(problem, "alarms could not be evaluated");
    }
    monitoring.progress.note("alarms", now, problems);
}

/// An alarm's definition, read.
struct Watch {
    metric: Metric,
    unit: Option<Unit>,
    statistic: Statistic,
    statistic_name: String,
    period_s: i64,
    condition: Condition,
    /// Below so many values a percentile says nothing, and the state stays.
    fewest_values: f64,
}

impl Watch {
    /// `None` for an alarm that does not watch one measured metric against one threshold.
    fn of(alarm: &Alarm, definition: &MetricAlarm) -> Option<Self> {
        let dimensions = definition.dimensions.iter().flatten();
        let metric = Metric::new(
            &alarm.region,
            definition.namespace.as_ref()?,
            definition.metric_name.as_ref()?,
            dimensions.map(|dimension| (&dimension.name, &dimension.value)),
        );
        if !evaluated::is_measured(&metric.namespace, &metric.name) {
            return None;
        }
        let name = definition.statistic.as_ref().or(definition.extended_statistic.as_ref())?;
        let statistic = Statistic::named(name)?;
        let periods = usize::try_from(definition.evaluation_periods?).ok()?.max(1);
        let needed = definition.datapoints_to_alarm.and_then(|needed| needed.try_into().ok());
        let condition = Condition {
            comparison: Comparison::named(definition.comparison_operator.as_ref()?)?,
            threshold: definition.threshold?,
            periods,
            needed: needed.unwrap_or(periods),
            missing: Missing::named(definition.treat_missing_data.as_deref()),
        };
        let ignores = definition.evaluate_low_sample_count_percentile.as_deref() == Some("ignore");
        Some(Watch {
            metric,
            unit: definition.unit.as_deref().and_then(Unit::named),
            fewest_values: if ignores { fewest_values(&statistic) } else { 0.0 },
            statistic,
            statistic_name: name.clone(),
            period_s: definition.period?.into(),
            condition,
        })
    }

    /// What is news of the alarm.
    fn evaluate(
        &self,
        series: &Series,
        alarm: &Alarm,
        now: Timestamp,
    ) -> Result<Option<Evaluated>, SeriesError> {
        let range = self.range(series, now)?;
        let values: f64 = range.iter().flatten().map(|point| point.sample_count).sum();
        if values > 0.0 && values < self.fewest_values {
            return Ok(None);
        }
        let verdict = self.condition.evaluate(&range, alarm.state);
        let news = verdict.filter(|verdict| evaluated::is_news(alarm, verdict.state));
        Ok(news.map(|verdict| {
            let reason_data = reason_data::of(&verdict, &self.asked(now));
            let Verdict { state, reason, .. } = verdict;
            Evaluated { state, reason, reason_data: Some(reason_data) }
        }))
    }

    fn asked(&self, now: Timestamp) -> reason_data::Asked<'_> {
        reason_data::Asked {
            statistic: &self.statistic_name,
            period_s: self.period_s,
            threshold: self.condition.threshold,
            now,
        }
    }

    /// The periods of the evaluation range, the oldest first. The last one ends with the last full
    /// minute, or, with a period of less, with the last full period.
    fn range(
        &self,
        series: &Series,
        now: Timestamp,
    ) -> Result<Vec<Option<Datapoint>>, SeriesError> {
        let whole = self.period_s.min(60);
        let to = now.secs().div_euclid(whole) * whole;
        let mut range = vec![None; self.condition.range()];
        let from = to - self.period_s * range.len() as i64;
        let query = Query {
            metric: &self.metric,
            unit: self.unit,
            period: self.period_s,
            from: Timestamp::from_secs(from),
            to: Timestamp::from_secs(to),
            now,
        };
        for (at, set) in series.query(&query)? {
            let place = (at.secs() - from).div_euclid(self.period_s);
            let slot = usize::try_from(place).ok().and_then(|place| range.get_mut(place));
            if let (Some(slot), Some(value)) = (slot, self.statistic.of(&set)) {
                *slot = Some(Datapoint { at, value, sample_count: set.count });
            }
        }
        Ok(range)
    }
}

/// How many values a percentile needs to mean something.
///
/// Source: "Percentile-based CloudWatch alarms and low data samples" in the CloudWatch guide.
fn fewest_values(statistic: &Statistic) -> f64 {
    let Statistic::Percentile(percent) = statistic else { return 0.0 };
    let part = percent / 100.0;
    match part {
        _ if part >= 1.0 || part <= 0.0 => 0.0,
        _ if part >= 0.5 => 10.0 / (1.0 - part),
        _ => 10.0 / part,
    }
}
