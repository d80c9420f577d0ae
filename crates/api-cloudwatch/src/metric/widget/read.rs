//! How a widget looks: its size, its range of time, its axes and annotations. Pure, but for the
//! alarms that it may name.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::{AwsError, Ctx, Timestamp};
use neargate_chart::{Axis, Chart, Colour, Legend, Mark, View};
use serde_json::{Value, json};

use super::lines::{self, Asked};
use super::{Zone, invalid};

const SIZE_MAX: i64 = 2000;

pub fn chart(widget: &Value, now: Timestamp) -> Result<Chart, AwsError> {
    if !widget.is_object() {
        return Err(invalid("it must be an object"));
    }
    let zone = widget["timezone"].as_str().map_or(Some(Zone::UTC), Zone::parse);
    let zone = zone.ok_or_else(|| invalid("timezone must be an offset such as +0130"))?;
    let to = instant(widget, "end", now)?.unwrap_or(now);
    let from = instant(widget, "start", now)?.unwrap_or(to.plus_secs(-3 * 3600));
    if from >= to {
        return Err(invalid("start must be before end"));
    }
    let view = match widget["view"].as_str() {
        None | Some("timeSeries") => View::TimeSeries,
        Some("singleValue" | "gauge" | "table") => View::SingleValue,
        Some("bar") => View::Bar,
        Some("pie") => View::Pie,
        Some(other) => return Err(invalid(format!("there is no view {other}"))),
    };
    Ok(Chart {
        width: size(widget, "width", 600)?,
        height: size(widget, "height", 400)?,
        title: widget["title"].as_str().unwrap_or_default().to_owned(),
        view,
        is_stacked: widget["stacked"] == true,
        is_dark: widget["theme"] == "dark",
        legend: match widget["legend"]["position"].as_str() {
            Some("right") => Legend::Right,
            Some("hidden") => Legend::Hidden,
            _ => Legend::Bottom,
        },
        from,
        to,
        zone_minutes: zone.minutes_ahead(),
        left: axis(&widget["yAxis"]["left"]),
        right: axis(&widget["yAxis"]["right"]),
        lines: Vec::new(),
        horizontal: horizontal(&widget["annotations"]["horizontal"]),
        vertical: vertical(&widget["annotations"]["vertical"]),
    })
}

fn size(widget: &Value, name: &str, default: i64) -> Result<u32, AwsError> {
    let size = match &widget[name] {
        Value::Null => default,
        value => value.as_i64().ok_or_else(|| invalid(format!("{name} must be an integer")))?,
    };
    match u32::try_from(size) {
        Ok(fits) if (1..=SIZE_MAX).contains(&size) => Ok(fits),
        _ => Err(invalid(format!("{name} must be between 1 and {SIZE_MAX}"))),
    }
}

fn axis(told: &Value) -> Axis {
    Axis {
        label: told["label"].as_str().unwrap_or_default().to_owned(),
        min: told["min"].as_f64(),
        max: told["max"].as_f64(),
    }
}

/// An instant: ISO 8601, or so long before now.
fn instant(widget: &Value, name: &str, now: Timestamp) -> Result<Option<Timestamp>, AwsError> {
    let text = match &widget[name] {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        _ => return Err(invalid(format!("{name} must be a string"))),
    };
    let span = text.strip_prefix('-').map(|span| duration_s(span).map(|s| now.plus_secs(-s)));
    let found = span.unwrap_or_else(|| match duration_s(text) {
        Some(seconds) => Some(now.plus_secs(seconds)),
        None => Timestamp::parse_iso8601(text),
    });
    match found {
        Some(at) => Ok(Some(at)),
        None => Err(invalid(format!("{name} is neither an instant nor a duration: {text}"))),
    }
}

/// `PT3H`, `P1DT12H`
fn duration_s(text: &str) -> Option<i64> {
    let (mut seconds, mut number, mut in_time) = (0, String::new(), false);
    for c in text.strip_prefix('P')?.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit_s = match (c, in_time) {
            ('T', false) => {
                in_time = true;
                continue;
            }
            ('W', false) => 604_800,
            ('D', false) => 86_400,
            ('M', false) => 2_592_000,
            ('Y', false) => 31_536_000,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        seconds += number.parse::<i64>().ok()?.checked_mul(unit_s)?;
        number.clear();
    }
    number.is_empty().then_some(seconds)
}

/// The lines across at a value; two in an array are a band.
fn horizontal(told: &Value) -> Vec<Mark<f64>> {
    marks(told, |value| value.as_f64())
}

fn vertical(told: &Value) -> Vec<Mark<Timestamp>> {
    marks(told, |value| Timestamp::parse_iso8601(value.as_str()?))
}

fn marks<T>(told: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<Mark<T>> {
    let all = told.as_array().into_iter().flatten();
    let mark = |one: &Value| {
        let (first, second) = match one {
            Value::Array(pair) => (pair.first()?, pair.get(1)),
            one => (one, None),
        };
        if first["visible"] == false {
            return None;
        }
        Some(Mark {
            at: read(&first["value"])?,
            to: second.and_then(|second| read(&second["value"])),
            label: first["label"].as_str().unwrap_or_default().to_owned(),
            colour: first["color"].as_str().and_then(Colour::parse),
        })
    };
    all.filter_map(mark).collect()
}

/// The metrics and thresholds of the alarms that a widget names in place of metrics.
pub fn of_alarms(ctx: &Ctx, widget: &Value, chart: &mut Chart) -> Result<Vec<Asked>, AwsError> {
    let mut metrics = Vec::new();
    for arn in widget["annotations"]["alarms"].as_array().into_iter().flatten() {
        let arn = arn.as_str().unwrap_or_default();
        let name = crate::alarm::name_of(arn);
        let alarm = ctx.snapshot().get::<Alarm>(&Alarm::key_of(&ctx.region, name));
        let alarm = alarm.ok_or_else(|| invalid(format!("there is no alarm {arn}")))?;
        let AlarmDefinition::Metric(metric) = &alarm.definition else { continue };
        if let Some(threshold) = metric.threshold {
            chart.horizontal.push(Mark {
                at: threshold,
                to: None,
                label: alarm.name.clone(),
                colour: None,
            });
        }
        if let (Some(namespace), Some(name)) = (&metric.namespace, &metric.metric_name) {
            let mut line = vec![json!(namespace), json!(name)];
            for dimension in metric.dimensions.iter().flatten() {
                line.extend([json!(dimension.name), json!(dimension.value)]);
            }
            let stat = metric.statistic.as_ref().or(metric.extended_statistic.as_ref());
            line.push(json!({ "stat": stat, "period": metric.period }));
            metrics.push(Value::Array(line));
        }
    }
    lines::read(&json!({ "metrics": metrics }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_absolute_or_relative() {
        let now = Timestamp::from_secs(1_767_322_800);
        let at = |text: &str| instant(&json!({ "start": text }), "start", now);
        let before = |text: &str| at(text).unwrap().map(|at| now.secs() - at.secs());
        assert_eq!(before("-PT3H"), Some(10_800));
        assert_eq!(before("-P1DT12H30M5S"), Some(131_405));
        assert_eq!(before("2026-01-02T02:00:00.000Z"), Some(3600));
        assert!(at("yesterday").is_err() && at("-P3H").is_err() && at("-PT3").is_err());
    }
}
