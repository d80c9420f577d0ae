//! Why an alarm is in its state, as the JSON that AWS shows as its `StateReasonData`.

use neargate_api::Timestamp;
use neargate_plan::metric_alarm::{Datapoint, Verdict};
use serde_json::json;

/// What was asked of the metric.
pub struct Asked<'a> {
    pub statistic: &'a str,
    pub period_s: i64,
    pub threshold: f64,
    pub now: Timestamp,
}

pub fn of(verdict: &Verdict, asked: &Asked) -> String {
    let oldest_first = || verdict.evaluated.iter().rev();
    let evaluated = |point: &Datapoint| {
        json!({
            "timestamp": instant(point.at),
            "sampleCount": point.sample_count,
            "value": point.value,
        })
    };
    let mut data = json!({
        "version": "1.0",
        "queryDate": instant(asked.now),
        "statistic": asked.statistic,
        "period": asked.period_s,
        "recentDatapoints": oldest_first().map(|point| point.value).collect::<Vec<_>>(),
        "threshold": asked.threshold,
        "evaluatedDatapoints": verdict.evaluated.iter().map(evaluated).collect::<Vec<_>>(),
    });
    if let Some(first) = oldest_first().next() {
        data["startDate"] = instant(first.at).into();
    }
    data.to_string()
}

fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S.%3f+0000")
}
