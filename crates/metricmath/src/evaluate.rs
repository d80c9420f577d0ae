//! From an expression to its value.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

use crate::{Expression, Series, Value, Wrong, function, wrong};

/// What an expression is evaluated with.
pub trait Inputs {
    /// A metric's series, or what another expression comes to.
    fn named(&self, id: &str) -> Result<Value, Wrong>;
    /// The metrics of the request, without its expressions: their ids and series.
    fn metrics(&self) -> Result<Vec<(String, Series)>, Wrong>;
    /// Of a search expression.
    fn search(
        &self,
        text: &str,
        statistic: &str,
        period_s: Option<i64>,
    ) -> Result<Vec<Series>, Wrong>;
    /// The expected range of a series, so many standard deviations wide: the upper bound, the lower.
    fn band(&self, id: &str, series: &Series, width: f64) -> Result<[Series; 2], Wrong>;
    /// All instants of the range that have a datapoint in some period, the oldest first.
    fn instants(&self) -> Vec<Timestamp>;
    fn period_s(&self) -> i64;
}

pub fn evaluate(expression: &Expression, inputs: &dyn Inputs) -> Result<Value, Wrong> {
    match expression {
        Expression::Number(number) => Ok(Value::Scalar(*number)),
        Expression::Text(text) => Ok(Value::Text(text.clone())),
        Expression::Name(name) if name.starts_with(|c: char| c.is_ascii_lowercase()) => {
            inputs.named(name)
        }
        Expression::Name(name) => Ok(Value::Text(name.clone())),
        Expression::List(items) => {
            let mut list = Vec::new();
            for item in items {
                match evaluate(item, inputs)? {
                    Value::Series(series) => list.push(series),
                    Value::List(series) => list.extend(series),
                    other => return wrong(format!("An array can't contain a {}", other.kind())),
                }
            }
            Ok(Value::List(list))
        }
        Expression::Negative(inner) => binary("-", Value::Scalar(0.0), evaluate(inner, inputs)?),
        Expression::Operation(operator, left, right) => {
            binary(operator, evaluate(left, inputs)?, evaluate(right, inputs)?)
        }
        Expression::Call(name, arguments) => function::call(name, arguments, inputs),
    }
}

/// An operation of two values: each of a list with the other, and series by time.
pub fn binary(operator: &str, left: Value, right: Value) -> Result<Value, Wrong> {
    let operate = |a: f64, b: f64| apply(operator, a, b);
    Ok(match (left, right) {
        (Value::Scalar(a), Value::Scalar(b)) => Value::Scalar(operate(a, b)),
        (Value::Series(a), Value::Scalar(b)) => Value::Series(a.map(|a| operate(a, b))),
        (Value::Scalar(a), Value::Series(b)) => Value::Series(b.map(|b| operate(a, b))),
        (Value::Series(a), Value::Series(b)) => Value::Series(joined(&a, &b, operate)),
        (Value::List(list), Value::Scalar(b)) => {
            Value::List(list.iter().map(|a| a.map(|a| operate(a, b))).collect())
        }
        (Value::Scalar(a), Value::List(list)) => {
            Value::List(list.iter().map(|b| b.map(|b| operate(a, b))).collect())
        }
        (Value::List(list), Value::Series(b)) => {
            Value::List(list.iter().map(|a| joined(a, &b, operate)).collect())
        }
        (Value::Series(a), Value::List(list)) => {
            Value::List(list.iter().map(|b| joined(&a, b, operate).called(&b.label)).collect())
        }
        (Value::List(a), Value::List(b)) if a.len() == b.len() => {
            Value::List(a.iter().zip(&b).map(|(a, b)| joined(a, b, operate)).collect())
        }
        (left, right) => {
            return wrong(format!(
                "Unsupported operand type(s) for {operator}: '{}' and '{}'",
                left.kind(),
                right.kind()
            ));
        }
    })
}

impl Series {
    fn called(mut self, label: &str) -> Series {
        self.label = label.to_owned();
        self
    }
}

/// Where both have a value.
fn joined(a: &Series, b: &Series, operate: impl Fn(f64, f64) -> f64) -> Series {
    let both = a.points.iter().filter_map(|(at, a)| {
        let value = operate(*a, *b.points.get(at)?);
        value.is_finite().then_some((*at, value))
    });
    let points: BTreeMap<Timestamp, f64> = both.collect();
    Series { label: a.label.clone(), period_s: a.period_s.max(b.period_s), points }
}

/// What is true is 1, what is not is 0; a division by zero has no value.
fn apply(operator: &str, a: f64, b: f64) -> f64 {
    let truth = |is_true: bool| f64::from(u8::from(is_true));
    match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => a % b,
        "^" => a.powf(b),
        "==" => truth(a == b),
        "!=" => truth(a != b),
        "<" => truth(a < b),
        "<=" => truth(a <= b),
        ">" => truth(a > b),
        ">=" => truth(a >= b),
        "&&" => truth(a != 0.0 && b != 0.0),
        _ => truth(a != 0.0 || b != 0.0),
    }
}
