//! Why an alarm is in its state, as the JSON that AWS shows as its `StateReasonData`.

use neargate_api::Timestamp;
use neargate_plan::metric_alarm::{Datapoint, Verdict};
use serde_json::json;

/// What was asked of the metric.
pub struct Asked<'a> {
    /// Of one metric; a list of queries has none.
    pub statistic: Option<&'a str>,
    pub period_s: i64,
    /// Nothing where a band decides.
    pub threshold: Option<f64>,
    pub now: Timestamp,
}

pub fn of(verdict: &Verdict, asked: &Asked) -> String {
    let oldest_first = || verdict.evaluated.iter().rev();
    let evaluated = |point: &Datapoint| {
        let mut shown = json!({
            "timestamp": instant(point.at),
            "sampleCount": point.sample_count,
            "value": point.value,
        });
        if asked.threshold.is_none()
            && let Some((lower, upper)) = point.band
        {
            shown["lowerThreshold"] = lower.into();
            shown["upperThreshold"] = upper.into();
        }
        shown
    };
    let mut data = json!({
        "version": "1.0",
        "queryDate": instant(asked.now),
        "period": asked.period_s,
        "recentDatapoints": oldest_first().map(|point| point.value).collect::<Vec<_>>(),
        "evaluatedDatapoints": verdict.evaluated.iter().map(evaluated).collect::<Vec<_>>(),
    });
    if let Some(statistic) = asked.statistic {
        data["statistic"] = statistic.into();
    }
    match asked.threshold {
        Some(threshold) => data["threshold"] = threshold.into(),
        None => {
            let bands = || oldest_first().filter_map(|point| point.band);
            data["recentLowerThresholds"] = bands().map(|(lower, _)| lower).collect();
            data["recentUpperThresholds"] = bands().map(|(_, upper)| upper).collect();
        }
    }
    if let Some(first) = oldest_first().next() {
        data["startDate"] = instant(first.at).into();
    }
    data.to_string()
}

fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S.%3f+0000")
}
