//! The label of a result, and the properties that it can show of it.
//!
//! Source: "Use dynamic labels" in the CloudWatch guide.

use neargate_api::Timestamp;
use neargate_api::types::cloudwatch::MetricStat;

/// What a label is of.
pub struct Labelled<'a> {
    pub stat: &'a MetricStat,
    /// By time.
    pub points: &'a [(Timestamp, f64)],
}

/// The label that was asked for, with its `${…}` filled in; or the metric's name.
pub fn of(asked: Option<&str>, labelled: &Labelled) -> String {
    let name = labelled.stat.metric.metric_name.clone().unwrap_or_default();
    let Some(asked) = asked else { return name };
    let mut label = String::new();
    let mut rest = asked;
    while let Some(begin) = rest.find("${") {
        let Some(length) = rest[begin..].find('}') else { break };
        label.push_str(&rest[..begin]);
        let whole = &rest[begin..=begin + length];
        match property(&whole[2..whole.len() - 1], labelled) {
            Some(value) => label.push_str(&value),
            None => label.push_str(whole),
        }
        rest = &rest[begin + length + 1..];
    }
    label.push_str(rest);
    label
}

fn property(name: &str, of: &Labelled) -> Option<String> {
    let values = || of.points.iter().map(|(_, value)| *value);
    let known = |value: Option<f64>| value.map_or("No data".into(), rounded);
    let instant =
        |point: Option<&(Timestamp, f64)>| point.map_or("No data".into(), |(at, _)| at.iso8601());
    let by_value = |a: &&(Timestamp, f64), b: &&(Timestamp, f64)| a.1.total_cmp(&b.1);
    Some(match name {
        "LABEL" => of.stat.metric.metric_name.clone().unwrap_or_default(),
        "DATAPOINT_COUNT" => of.points.len().to_string(),
        "SUM" => known((!of.points.is_empty()).then(|| values().sum())),
        "AVG" => {
            known((!of.points.is_empty()).then(|| values().sum::<f64>() / of.points.len() as f64))
        }
        "MIN" => known(values().min_by(f64::total_cmp)),
        "MAX" => known(values().max_by(f64::total_cmp)),
        "FIRST" => known(values().next()),
        "LAST" => known(values().next_back()),
        "MIN_TIME" => instant(of.points.iter().min_by(by_value)),
        "MAX_TIME" => instant(of.points.iter().max_by(by_value)),
        "FIRST_TIME" => instant(of.points.first()),
        "LAST_TIME" => instant(of.points.last()),
        _ => return propertied(name.strip_prefix("PROP('")?.strip_suffix("')")?, of.stat),
    })
}

fn propertied(name: &str, stat: &MetricStat) -> Option<String> {
    Some(match name {
        "MetricName" => stat.metric.metric_name.clone()?,
        "Namespace" => stat.metric.namespace.clone()?,
        "Period" => stat.period.to_string(),
        "Stat" => stat.stat.clone(),
        _ => {
            let wanted = name.strip_prefix("Dim.")?;
            let dimensions = stat.metric.dimensions.iter().flatten();
            dimensions.clone().find(|d| d.name == wanted)?.value.clone()
        }
    })
}

/// Three digits after the point, without zeroes at their end.
fn rounded(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
