//! The label of a result, and the properties that it can show of it.
//!
//! Source: "Use dynamic labels" in the CloudWatch guide.

use neargate_api::Timestamp;
use neargate_api::types::cloudwatch::MetricStat;

/// What a label is of.
pub struct Labelled<'a> {
    pub id: &'a str,
    /// Of a metric; an expression has none.
    pub stat: Option<&'a MetricStat>,
    /// Of one of many: what tells it from the others.
    pub series: Option<&'a str>,
    /// By time.
    pub points: &'a [(Timestamp, f64)],
    pub zone: Zone,
}

/// How far a label's times are from UTC, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(i64);

impl Zone {
    pub const UTC: Zone = Zone(0);

    /// So many minutes from UTC.
    pub fn minutes(minutes: i64) -> Self {
        Zone(minutes)
    }

    /// How many minutes it is from UTC.
    pub fn minutes_ahead(self) -> i64 {
        self.0
    }

    /// `+0130`, `-0500`
    pub fn parse(text: &str) -> Option<Self> {
        let sign = match text.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let digits = text.get(1..).filter(|digits| digits.len() == 4)?;
        let (hours, minutes): (i64, i64) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
        (hours < 24 && minutes < 60).then_some(Zone(sign * (hours * 60 + minutes)))
    }

    /// The instant as its clocks show it.
    pub fn shown(self, at: Timestamp) -> String {
        let Zone(minutes) = self;
        if minutes == 0 {
            return at.iso8601();
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let local = at.plus_secs(minutes * 60).format("%Y-%m-%dT%H:%M:%S.%3f");
        format!("{local}{sign}{hours:02}:{rest:02}")
    }
}

impl Labelled<'_> {
    /// Its label where none was asked for: of an expression its id.
    fn own(&self) -> String {
        let metric = self.stat.and_then(|stat| stat.metric.metric_name.as_deref());
        self.series.or(metric).unwrap_or(self.id).to_owned()
    }
}

/// The label that was asked for, with its `${…}` filled in, or its own; one of many has both.
pub fn of(asked: Option<&str>, labelled: &Labelled) -> String {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else { return labelled.own() };
    if let Some(series) = labelled.series.filter(|_| !asked.contains("${")) {
        return format!("{asked} {series}");
    }
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
    let instant = |point: Option<&(Timestamp, f64)>| {
        point.map_or("No data".into(), |(at, _)| of.zone.shown(*at))
    };
    let by_value = |a: &&(Timestamp, f64), b: &&(Timestamp, f64)| a.1.total_cmp(&b.1);
    Some(match name {
        "LABEL" => of.own(),
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
        _ => return propertied(name.strip_prefix("PROP('")?.strip_suffix("')")?, of.stat?),
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
