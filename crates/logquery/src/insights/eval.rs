//! What expressions are, of a row.

use std::cmp::Ordering;

use super::function::finite;
use super::query::{Comparison, Expr, Extract, Named, Operator};
use super::record::Record;
use super::value::Value;

/// A row, and what else an expression may ask for.
pub(super) struct Scope<'a> {
    pub record: &'a mut Record,
    /// Within the results of `stats`: the values of its aggregations.
    pub aggregates: &'a [Value],
    /// The query's time.
    pub now_ms: i64,
}

impl Scope<'_> {
    /// A named expression: one that a command before has made is not computed again.
    pub fn named(&mut self, named: &Named) -> Value {
        match self.record.made(&named.name) {
            Some(made) if !matches!(named.expr, Expr::Field(_)) => made.clone(),
            _ => self.value(&named.expr),
        }
    }

    pub fn value(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Constant(value) => value.clone(),
            Expr::Field(name) => self.record.field(name),
            Expr::Not(inner) => Value::Bool(!self.value(inner).is_true()),
            Expr::Negative(inner) => {
                self.value(inner).number().map_or(Value::Missing, |number| Value::Number(-number))
            }
            Expr::And(one, two) => {
                Value::Bool(self.value(one).is_true() && self.value(two).is_true())
            }
            Expr::Or(one, two) => {
                Value::Bool(self.value(one).is_true() || self.value(two).is_true())
            }
            Expr::Compare(how, one, two) => {
                let order = self.value(one).compare(&self.value(two));
                Value::Bool(order.is_some_and(|order| holds(*how, order)))
            }
            Expr::Arithmetic(operator, one, two) => {
                let numbers = (self.value(one).number(), self.value(two).number());
                match numbers {
                    (Some(one), Some(two)) => {
                        finite(compute(*operator, one, two)).unwrap_or(Value::Missing)
                    }
                    _ => Value::Missing,
                }
            }
            Expr::In(one, all) => {
                let one = self.value(one);
                let is = |scope: &mut Self, other: &Expr| {
                    one.compare(&scope.value(other)) == Some(Ordering::Equal)
                };
                Value::Bool(all.iter().any(|other| is(self, other)))
            }
            Expr::Like(one, part) => {
                let (text, part) = (self.value(one).text(), self.value(part).text());
                Value::Bool(text.zip(part).is_some_and(|(text, part)| text.contains(&part)))
            }
            Expr::Matches(one, regex) => {
                let text = self.value(one).text();
                Value::Bool(text.is_some_and(|text| regex.is_match(text.as_bytes())))
            }
            Expr::Call(function, arguments) => {
                let arguments: Vec<Value> = arguments.iter().map(|one| self.value(one)).collect();
                function.call(&arguments, self.now_ms)
            }
            Expr::Round { of, to, up } => match self.value(of) {
                Value::Time(ms) => Value::Time(if *up { to.ceil(ms) } else { to.floor(ms) }),
                _ => Value::Missing,
            },
            Expr::Aggregate(index) => {
                self.aggregates.get(*index).cloned().unwrap_or(Value::Missing)
            }
        }
    }
}

fn holds(how: Comparison, order: Ordering) -> bool {
    match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn compute(operator: Operator, one: f64, two: f64) -> f64 {
    match operator {
        Operator::Add => one + two,
        Operator::Subtract => one - two,
        Operator::Multiply => one * two,
        Operator::Divide => one / two,
        Operator::Remainder => one % two,
        Operator::Power => one.powf(two),
    }
}

/// The values that `parse` takes out of a text; none where it does not fit.
pub(super) fn extract(by: &Extract, text: &str) -> Option<Vec<String>> {
    match by {
        Extract::Glob(parts) => glob(parts, text),
        Extract::Regex(regex) => {
            let found = regex.captures(text.as_bytes())?;
            let group = |index| {
                let bytes = found.get(index).map(|group| group.as_bytes()).unwrap_or_default();
                String::from_utf8_lossy(bytes).into_owned()
            };
            Some((1..found.len()).map(group).collect())
        }
    }
}

/// An asterisk takes as little as it can, the last one, with nothing behind it, all that is left.
fn glob(parts: &[String], text: &str) -> Option<Vec<String>> {
    let (first, rest) = parts.split_first()?;
    let mut text = &text[text.find(first.as_str())? + first.len()..];
    let mut values = Vec::new();
    for (index, part) in rest.iter().enumerate() {
        let end = match part.is_empty() {
            true if index + 1 == rest.len() => text.len(),
            _ => text.find(part.as_str())?,
        };
        values.push(text[..end].to_owned());
        text = &text[end + part.len()..];
    }
    Some(values)
}
