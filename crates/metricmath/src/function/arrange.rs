//! Those that choose, fill in and put in order.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

use super::Call;
use crate::{Series, Value, Wrong, wrong};

pub fn call(call: &Call<'_>) -> Result<Value, Wrong> {
    match (call.name, &call.values[..]) {
        ("FIRST", [Value::List(list)]) => one(list.first()),
        ("LAST", [Value::List(list)]) => one(list.last()),
        ("REMOVE_EMPTY", [Value::List(list)]) => {
            let kept = list.iter().filter(|series| !series.points.is_empty());
            Ok(Value::List(kept.cloned().collect()))
        }
        ("REMOVE_EMPTY", [Value::Series(series)]) => Ok(Value::Series(series.clone())),
        ("SLICE", [Value::List(list), from @ ..]) => slice(call, list, from),
        ("SORT", [Value::List(list), by @ ..]) => sort(call, list, by),
        ("FILL", [Value::Series(series), with]) => fill(call, series, with).map(Value::Series),
        ("FILL", [Value::List(list), with]) => {
            let filled: Result<_, Wrong> =
                list.iter().map(|series| fill(call, series, with)).collect();
            filled.map(Value::List)
        }
        ("IF", [condition, then]) => choose(call, condition, then, None),
        ("IF", [condition, then, otherwise]) => choose(call, condition, then, Some(otherwise)),
        _ => call.misused(),
    }
}

fn one(series: Option<&Series>) -> Result<Value, Wrong> {
    match series {
        Some(series) => Ok(Value::Series(series.clone())),
        None => Ok(Value::List(Vec::new())),
    }
}

fn slice(call: &Call<'_>, list: &[Series], from: &[Value]) -> Result<Value, Wrong> {
    match from {
        [Value::Scalar(place)] => one(list.get(*place as usize)),
        [Value::Scalar(begin), Value::Scalar(end)] => {
            let end = (*end as usize).min(list.len());
            let begin = (*begin as usize).min(end);
            Ok(Value::List(list[begin..end].to_vec()))
        }
        _ => call.misused(),
    }
}

/// By a function of the values, ascending or descending, and the first so many.
fn sort(call: &Call<'_>, list: &[Series], by: &[Value]) -> Result<Value, Wrong> {
    let (function, order, count) = match by {
        [Value::Text(function), Value::Text(order)] => (function, order, list.len()),
        [Value::Text(function), Value::Text(order), Value::Scalar(count)] => {
            (function, order, *count as usize)
        }
        _ => return call.misused(),
    };
    let key = |series: &Series| {
        let values: Vec<f64> = series.values().collect();
        let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
        match function.as_str() {
            "AVG" => Some(sum / count),
            "SUM" => Some(sum),
            "MAX" => Some(values.iter().copied().fold(f64::NAN, f64::max)),
            "MIN" => Some(values.iter().copied().fold(f64::NAN, f64::min)),
            _ => None,
        }
    };
    let mut keyed = Vec::new();
    for series in list {
        let Some(key) = key(series) else {
            return wrong(format!("SORT can't be by {function}: use AVG, MIN, MAX or SUM"));
        };
        keyed.push((key, series.clone()));
    }
    match order.as_str() {
        "ASC" => keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b)),
        "DESC" => keyed.sort_by(|(a, _), (b, _)| b.total_cmp(a)),
        _ => return wrong(format!("SORT can't be {order}: use ASC or DESC")),
    }
    Ok(Value::List(keyed.into_iter().take(count).map(|(_, series)| series).collect()))
}

/// What stands where a series has no value.
fn fill(call: &Call<'_>, series: &Series, with: &Value) -> Result<Series, Wrong> {
    let instants = call.inputs.instants();
    let mut filled = series.clone();
    match with {
        Value::Scalar(value) => {
            for at in instants {
                filled.points.entry(at).or_insert(*value);
            }
        }
        Value::Series(other) => {
            for (at, value) in &other.points {
                filled.points.entry(*at).or_insert(*value);
            }
        }
        Value::Text(way) if way == "REPEAT" => {
            let mut last = None;
            for at in instants {
                match series.points.get(&at) {
                    Some(value) => last = Some(*value),
                    None => {
                        if let Some(last) = last {
                            filled.points.insert(at, last);
                        }
                    }
                }
            }
        }
        Value::Text(way) if way == "LINEAR" => linear(series, &instants, &mut filled.points),
        _ => return wrong("FILL takes a scalar, a time series, REPEAT or LINEAR"),
    }
    Ok(filled)
}

/// Between two values, on the line from one to the other.
fn linear(series: &Series, instants: &[Timestamp], filled: &mut BTreeMap<Timestamp, f64>) {
    for at in instants.iter().filter(|at| !series.points.contains_key(at)) {
        let before = series.points.range(..at).next_back();
        let after = series.points.range(at..).next();
        if let (Some((from, low)), Some((to, high))) = (before, after) {
            let part = at.millis_since(*from) as f64 / to.millis_since(*from) as f64;
            filled.insert(*at, low + (high - low) * part);
        }
    }
}

/// At each instant where the condition has a value. Without `otherwise`, what is not true has none.
fn choose(
    call: &Call<'_>,
    condition: &Value,
    then: &Value,
    otherwise: Option<&Value>,
) -> Result<Value, Wrong> {
    if let Value::Scalar(condition) = condition {
        return match (*condition != 0.0, otherwise) {
            (true, _) => Ok(then.clone()),
            (false, Some(otherwise)) => Ok(otherwise.clone()),
            (false, None) => Ok(Value::Series(Series::default())),
        };
    }
    let Value::Series(condition) = condition else { return call.misused() };
    for branch in [Some(then), otherwise].into_iter().flatten() {
        if !matches!(branch, Value::Scalar(_) | Value::Series(_)) {
            return call.misused();
        }
    }
    let at_instant = |value: &Value, at: Timestamp| match value {
        Value::Scalar(value) => Some(*value),
        Value::Series(series) => series.points.get(&at).copied(),
        Value::List(_) | Value::Text(_) => None,
    };
    Ok(Value::Series(condition.filter_map(|at, holds| match (holds != 0.0, otherwise) {
        (true, _) => at_instant(then, at),
        (false, Some(otherwise)) => at_instant(otherwise, at),
        (false, None) => None,
    })))
}
