//! The functions, each by AWS's name.

mod aggregate;
mod arrange;
mod time;

use crate::{Expression, Inputs, Series, Value, Wrong, evaluate, wrong};

pub fn call(name: &str, arguments: &[Expression], inputs: &dyn Inputs) -> Result<Value, Wrong> {
    if let Some(known) = without_values(name, arguments, inputs) {
        return known;
    }
    if name == "ANOMALY_DETECTION_BAND" {
        return band(arguments, inputs);
    }
    let mut values = Vec::new();
    for argument in arguments {
        values.push(evaluate(argument, inputs)?);
    }
    let call = Call { name, values, inputs };
    match name {
        "ABS" => call.each(f64::abs),
        "CEIL" => call.each(f64::ceil),
        "FLOOR" => call.each(f64::floor),
        "LOG" => call.each(f64::ln),
        "LOG10" => call.each(f64::log10),
        "AVG" | "MAX" | "MIN" | "SUM" | "STDDEV" | "DATAPOINT_COUNT" | "METRIC_COUNT" => {
            aggregate::call(&call)
        }
        "DIFF" | "DIFF_TIME" | "RATE" | "RUNNING_SUM" | "PERIOD" | "MINUTE" | "HOUR" | "DAY"
        | "DATE" | "MONTH" | "YEAR" | "EPOCH" | "TIME_SERIES" => time::call(&call),
        "FILL" | "FIRST" | "LAST" | "IF" | "REMOVE_EMPTY" | "SLICE" | "SORT" => {
            arrange::call(&call)
        }
        _ => wrong(format!("Unsupported function {name}")),
    }
}

/// A call with its arguments evaluated.
struct Call<'a> {
    name: &'a str,
    values: Vec<Value>,
    inputs: &'a dyn Inputs,
}

/// Those whose arguments are texts, and those that are not here.
fn without_values(
    name: &str,
    arguments: &[Expression],
    inputs: &dyn Inputs,
) -> Option<Result<Value, Wrong>> {
    Some(match name {
        "METRICS" => {
            let wanted = match arguments {
                [] => "",
                [Expression::Text(text)] => text.as_str(),
                _ => return Some(wrong("METRICS takes one string at most")),
            };
            inputs.metrics().map(|all| {
                let wanted = all.into_iter().filter(|(id, _)| id.contains(wanted));
                Value::List(wanted.map(|(_, series)| series).collect())
            })
        }
        "SEARCH" => match arguments {
            [Expression::Text(text), Expression::Text(statistic)] => {
                inputs.search(text, statistic, None).map(Value::List)
            }
            [Expression::Text(text), Expression::Text(statistic), Expression::Number(period)] => {
                inputs.search(text, statistic, Some(*period as i64)).map(Value::List)
            }
            _ => wrong("SEARCH takes a search, a statistic, and a period"),
        },
        "INSIGHT_RULE_METRIC" => wrong("Neargate has no Contributor Insights rules"),
        "SERVICE_QUOTA" => wrong("Neargate knows no service quotas"),
        "LAMBDA" => wrong("Neargate has no Lambda functions to be data sources"),
        "DB_PERF_INSIGHTS" => wrong("Neargate has no Performance Insights"),
        _ => return None,
    })
}

/// The band of a metric: its upper bound and its lower one.
fn band(arguments: &[Expression], inputs: &dyn Inputs) -> Result<Value, Wrong> {
    let (id, width) = match arguments {
        [Expression::Name(id)] => (id, 2.0),
        [Expression::Name(id), Expression::Number(width)] => (id, *width),
        _ => return wrong("ANOMALY_DETECTION_BAND takes the id of a metric, and a width"),
    };
    let Value::Series(series) = inputs.named(id)? else {
        return wrong("ANOMALY_DETECTION_BAND takes one time series");
    };
    inputs.band(id, &series, width).map(|bounds| Value::List(bounds.to_vec()))
}

impl Call<'_> {
    fn each(&self, change: impl Fn(f64) -> f64) -> Result<Value, Wrong> {
        match &self.values[..] {
            [Value::Scalar(value)] => Ok(Value::Scalar(change(*value))),
            [Value::Series(series)] => Ok(Value::Series(series.map(&change))),
            [Value::List(list)] => {
                Ok(Value::List(list.iter().map(|series| series.map(&change)).collect()))
            }
            _ => self.misused(),
        }
    }

    /// A function of a series, for each of a list.
    fn each_series(&self, change: impl Fn(&Series) -> Series) -> Result<Value, Wrong> {
        match &self.values[..] {
            [Value::Series(series)] => Ok(Value::Series(change(series))),
            [Value::List(list)] => Ok(Value::List(list.iter().map(change).collect())),
            _ => self.misused(),
        }
    }

    fn misused(&self) -> Result<Value, Wrong> {
        let kinds: Vec<&str> = self.values.iter().map(Value::kind).collect();
        wrong(format!("Unsupported operand type(s) for {}: '{}'", self.name, kinds.join("', '")))
    }
}
