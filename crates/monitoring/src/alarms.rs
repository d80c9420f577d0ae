//! Evaluates the metric alarms: each minute, those of less than a minute's period every ten seconds.

mod reason_data;

use std::sync::Arc;

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{MetricAlarm, MetricDataQuery};
use neargate_api::{StoreError, Timestamp};
use neargate_api_cloudwatch::evaluated::{self, Evaluated};
use neargate_api_cloudwatch::{Found, Queries, Single, detector};
use neargate_plan::metric_alarm::{Comparison, Condition, Datapoint, Missing, Verdict};
use neargate_series::{Query, Statistic, StatisticSet};

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
        match watch.evaluate(monitoring, &alarm, now) {
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
    source: Source,
    period_s: i64,
    condition: Condition,
    /// Below so many values a percentile says nothing, and the state stays.
    fewest_values: f64,
}

/// What an alarm watches.
enum Source {
    One(Single),
    /// One of several queries, and maybe the one of its band.
    Many {
        region: String,
        queries: Vec<MetricDataQuery>,
        watched: String,
        band: Option<String>,
    },
}

impl Watch {
    /// `None` for an alarm of what is not measured.
    fn of(alarm: &Alarm, definition: &MetricAlarm) -> Option<Self> {
        let (source, period_s) = match &definition.metrics {
            Some(queries) => Source::many(alarm, definition, queries)?,
            None => Source::one(alarm, definition)?,
        };
        let periods = usize::try_from(definition.evaluation_periods?).ok()?.max(1);
        let needed = definition.datapoints_to_alarm.and_then(|needed| needed.try_into().ok());
        let comparison = Comparison::named(definition.comparison_operator.as_ref()?)?;
        let threshold = match comparison.is_with_band() {
            true => 0.0,
            false => definition.threshold?,
        };
        let condition = Condition {
            comparison,
            threshold,
            periods,
            needed: needed.unwrap_or(periods),
            missing: Missing::named(definition.treat_missing_data.as_deref()),
        };
        let ignores = definition.evaluate_low_sample_count_percentile.as_deref() == Some("ignore");
        let fewest_values = match &source {
            Source::One(single) if ignores => fewest_values(&single.statistic),
            _ => 0.0,
        };
        Some(Watch { source, period_s, condition, fewest_values })
    }

    /// What is news of the alarm.
    fn evaluate(
        &self,
        monitoring: &Monitoring,
        alarm: &Alarm,
        now: Timestamp,
    ) -> Result<Option<Evaluated>, String> {
        let range = self.range(monitoring, now)?;
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
            statistic: match &self.source {
                Source::One(single) => Some(&single.statistic_name),
                Source::Many { .. } => None,
            },
            period_s: self.period_s,
            threshold: (!self.condition.comparison.is_with_band())
                .then_some(self.condition.threshold),
            now,
        }
    }

    /// The periods of the evaluation range, the oldest first. The last one ends with the last full
    /// minute, or, with a period of less, with the last full period.
    fn range(
        &self,
        monitoring: &Monitoring,
        now: Timestamp,
    ) -> Result<Vec<Option<Datapoint>>, String> {
        let whole = self.period_s.min(60);
        let to = now.secs().div_euclid(whole) * whole;
        let mut range = vec![None; self.condition.range()];
        let from = to - self.period_s * range.len() as i64;
        let bounds = (Timestamp::from_secs(from), Timestamp::from_secs(to));
        for point in self.source.points(monitoring, self.period_s, bounds, now)? {
            let place = (point.at.secs() - from).div_euclid(self.period_s);
            let slot = usize::try_from(place).ok().and_then(|place| range.get_mut(place));
            if let Some(slot) = slot {
                *slot = Some(point);
            }
        }
        Ok(range)
    }
}

impl Source {
    /// One metric, and its period.
    fn one(alarm: &Alarm, definition: &MetricAlarm) -> Option<(Self, i64)> {
        let single = Single::of(&alarm.region, definition)?;
        let (namespace, name) = (&single.metric.namespace, &single.metric.name);
        let period_s = single.period_s;
        evaluated::is_measured(namespace, name).then_some((Source::One(single), period_s))
    }

    /// The query of a list that returns data, and its period.
    fn many(
        alarm: &Alarm,
        definition: &MetricAlarm,
        queries: &[MetricDataQuery],
    ) -> Option<(Self, i64)> {
        if !evaluated::are_measured(queries) {
            return None;
        }
        let band = definition.threshold_metric_id.clone();
        let is_watched = |query: &&MetricDataQuery| {
            query.return_data != Some(false) && band.as_ref() != Some(&query.id)
        };
        let watched = queries.iter().find(is_watched)?;
        let of_metrics = queries.iter().filter_map(|query| query.metric_stat.as_ref());
        let own = watched.metric_stat.as_ref().map(|stat| stat.period).or(watched.period);
        let period = own.or(of_metrics.map(|stat| stat.period).max()).unwrap_or(60);
        let source = Source::Many {
            region: alarm.region.clone(),
            queries: queries.to_vec(),
            watched: watched.id.clone(),
            band,
        };
        Some((source, period.into()))
    }

    fn points(
        &self,
        monitoring: &Monitoring,
        period_s: i64,
        (from, to): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Vec<Datapoint>, String> {
        match self {
            Source::One(Single { metric, unit, statistic, .. }) => {
                let query = Query { metric, unit: *unit, period: period_s, from, to, now };
                let periods = monitoring.series.query(&query).map_err(|error| error.to_string())?;
                let point = |(at, set): &(Timestamp, StatisticSet)| {
                    let value = statistic.of(set)?;
                    Some(Datapoint { at: *at, value, sample_count: set.count, band: None })
                };
                Ok(periods.iter().filter_map(point).collect())
            }
            Source::Many { region, queries, watched, band } => {
                let snapshot = monitoring.cloud.store.snapshot();
                let models = detector::models(snapshot, region);
                let asked =
                    Queries::new(&monitoring.series, region, queries, (from, to), now, &models);
                let of = |id: &str| {
                    let query = queries.iter().find(|query| query.id == id);
                    let found = query.map(|query| asked.found(query));
                    found.transpose().map_err(|wrong| format!("{id}: {wrong}"))
                };
                let bounds = match band {
                    Some(id) => of(id)?.unwrap_or_default(),
                    None => Vec::new(),
                };
                let watched = of(watched)?.unwrap_or_default();
                let Some(watched) = watched.first() else { return Ok(Vec::new()) };
                let point = |(at, value): (&Timestamp, &f64)| Datapoint {
                    at: *at,
                    value: *value,
                    sample_count: 1.0,
                    band: band_at(&bounds, *at),
                };
                Ok(watched.series.points.iter().map(point).collect())
            }
        }
    }
}

/// The band at an instant: of its two series the lower value and the higher.
fn band_at(bounds: &[Found], at: Timestamp) -> Option<(f64, f64)> {
    let [a, b] = bounds else { return None };
    let (a, b) = (*a.series.points.get(&at)?, *b.series.points.get(&at)?);
    Some((a.min(b), a.max(b)))
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
