//! The metrics of a widget: each an array of a namespace, a name, and dimensions, with `.` for what
//! stands above and `...` for the rest of it; or an expression. Pure.

use neargate_api::AwsError;
use neargate_api::types::cloudwatch::{Dimension, Metric, MetricDataQuery, MetricStat};
use neargate_chart::Colour;
use serde_json::{Map, Value};

use super::invalid;
use crate::metric::{is_period, statistic};

/// A line that is asked for.
#[derive(Debug)]
pub struct Asked {
    pub query: MetricDataQuery,
    pub is_visible: bool,
    pub is_right: bool,
    pub colour: Option<Colour>,
}

const LINES_MAX: usize = 500;

pub fn read(widget: &Value) -> Result<Vec<Asked>, AwsError> {
    let lines = match &widget["metrics"] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(lines) if lines.len() <= LINES_MAX => lines,
        _ => return Err(invalid(format!("metrics must be an array of at most {LINES_MAX}"))),
    };
    let mut above: Vec<String> = Vec::new();
    let mut asked = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Value::Array(line) = line else {
            return Err(invalid(format!("metrics[{number}] must be an array")));
        };
        let none = Map::new();
        let (words, options) = match line.split_last() {
            Some((Value::Object(options), words)) => (words, options),
            _ => (&line[..], &none),
        };
        let words = filled(words, &above, number)?;
        asked.push(one(widget, &words, options, number)?);
        if !words.is_empty() {
            above = words;
        }
    }
    Ok(asked)
}

/// The words with those of the line above where it says so.
fn filled(words: &[Value], above: &[String], number: usize) -> Result<Vec<String>, AwsError> {
    let mut filled: Vec<String> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Value::String(word) = word else {
            return Err(invalid(format!("metrics[{number}][{place}] must be a string")));
        };
        match word.as_str() {
            "." => match above.get(filled.len()) {
                Some(word) => filled.push(word.clone()),
                None => {
                    return Err(invalid(format!("metrics[{number}] has nothing above its '.'")));
                }
            },
            "..." => {
                // What follows stands for the last words.
                let rest = words.len() - place - 1;
                let until = above.len().saturating_sub(rest);
                filled.extend(above.get(filled.len()..until).unwrap_or_default().iter().cloned());
            }
            word => filled.push(word.to_owned()),
        }
    }
    Ok(filled)
}

fn one(
    widget: &Value,
    words: &[String],
    options: &Map<String, Value>,
    number: usize,
) -> Result<Asked, AwsError> {
    let text = |name: &str| options.get(name).and_then(Value::as_str);
    let period = options.get("period").or(widget.get("period")).and_then(Value::as_i64);
    let period = period.and_then(|period| i32::try_from(period).ok()).unwrap_or(300);
    if !is_period(period) {
        return Err(invalid(format!("metrics[{number}]: the period {period} is none")));
    }
    let expression = text("expression").map(str::to_owned);
    let metric_stat = match (&expression, words) {
        (Some(_), []) => None,
        (None, [namespace, name, dimensions @ ..]) if dimensions.len() % 2 == 0 => {
            let stat = text("stat").or(widget["stat"].as_str()).unwrap_or("Average");
            statistic(stat).map_err(|_| invalid(format!("metrics[{number}]: no stat {stat}")))?;
            let dimension =
                |pair: &[String]| Dimension { name: pair[0].clone(), value: pair[1].clone() };
            let metric = Metric {
                namespace: Some(namespace.clone()),
                metric_name: Some(name.clone()),
                dimensions: Some(dimensions.chunks_exact(2).map(dimension).collect()),
            };
            Some(MetricStat { metric, period, stat: stat.to_owned(), ..Default::default() })
        }
        _ => {
            return Err(invalid(format!(
                "metrics[{number}] must have a namespace, a name and pairs of dimensions, or an expression"
            )));
        }
    };
    let id = text("id").map_or_else(|| format!("line{number}"), str::to_owned);
    let own_period = expression.is_some().then_some(period);
    Ok(Asked {
        query: MetricDataQuery {
            id,
            label: text("label").map(str::to_owned),
            expression,
            metric_stat,
            period: own_period,
            ..Default::default()
        },
        is_visible: options.get("visible").and_then(Value::as_bool) != Some(false),
        is_right: text("yAxis") == Some("right"),
        colour: text("color").and_then(Colour::parse),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(metrics: Value) -> Result<Vec<String>, AwsError> {
        let shown = |asked: &Asked| match &asked.query.metric_stat {
            None => asked.query.expression.clone().unwrap_or_default(),
            Some(stat) => {
                let dimensions = stat.metric.dimensions.iter().flatten();
                let dimensions = dimensions.map(|d| format!("{}={}", d.name, d.value));
                let dimensions = dimensions.collect::<Vec<_>>().join(",");
                let name = stat.metric.metric_name.as_deref().unwrap_or_default();
                format!("{name}[{dimensions}] {} {}", stat.stat, stat.period)
            }
        };
        Ok(read(&json!({ "metrics": metrics }))?.iter().map(shown).collect())
    }

    #[test]
    fn lines_take_from_those_above() {
        let metrics = json!([
            ["AWS/ECS", "CPUUtilization", "ClusterName", "c", "ServiceName", "web"],
            [".", "MemoryUtilization", ".", ".", ".", ".", { "stat": "Maximum", "period": 60 }],
            ["...", "api"],
            [{ "expression": "m1 + m2", "id": "e1" }],
        ]);
        assert_eq!(
            names(metrics).unwrap(),
            [
                "CPUUtilization[ClusterName=c,ServiceName=web] Average 300",
                "MemoryUtilization[ClusterName=c,ServiceName=web] Maximum 60",
                "MemoryUtilization[ClusterName=c,ServiceName=api] Average 300",
                "m1 + m2",
            ]
        );
    }

    #[test]
    fn what_is_no_metric_is_refused() {
        let refused = |metrics: Value| names(metrics).unwrap_err().message;
        assert!(refused(json!([["AWS/ECS"]])).contains("metrics[0] must have a namespace"));
        assert!(refused(json!([["."]])).contains("nothing above"));
        assert!(refused(json!([[1, 2]])).contains("must be a string"));
        assert!(refused(json!([["A", "B", { "period": 7 }]])).contains("the period 7 is none"));
        assert!(refused(json!({})).contains("must be an array"));
    }
}
