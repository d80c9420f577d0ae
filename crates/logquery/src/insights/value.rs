//! Values of a query: what a field holds and what a function gives.
//!
//! A field that is not there is [`Value::Missing`]: no comparison with it holds, and what is
//! computed from it is missing too. Text that reads as a number is one wherever a number is
//! wanted. Truth shows as 1 and 0.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::tz::TimeZone;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Missing,
    Text(String),
    Number(f64),
    Bool(bool),
    /// Milliseconds since the epoch.
    Time(i64),
}

impl Value {
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Missing => None,
            Value::Text(text) => Some(text.clone()),
            Value::Number(number) => Some(number_text(*number)),
            Value::Bool(is) => Some(if *is { "1" } else { "0" }.to_owned()),
            Value::Time(ms) => Some(time_text(*ms)),
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Missing => None,
            Value::Text(text) => text_number(text),
            Value::Number(number) => Some(*number),
            Value::Bool(is) => Some(f64::from(u8::from(*is))),
            Value::Time(ms) => Some(*ms as f64),
        }
    }

    pub fn is_true(&self) -> bool {
        match self {
            Value::Missing => false,
            Value::Bool(is) => *is,
            Value::Text(text) if text.eq_ignore_ascii_case("true") => true,
            other => other.number().is_some_and(|number| number != 0.0),
        }
    }

    pub fn is_missing(&self) -> bool {
        *self == Value::Missing
    }

    /// As numbers where both are, else as text; `None` where one is missing.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Bool(is), Value::Text(word)) => return Some(truth(*is).cmp(word)),
            (Value::Text(word), Value::Bool(is)) => return Some(word.as_str().cmp(truth(*is))),
            _ => {}
        }
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => one.partial_cmp(&two),
            _ => Some(self.text()?.cmp(&other.text()?)),
        }
    }

    /// The order of `sort`: what is missing, then text, then numbers.
    pub fn order(&self, other: &Value) -> Ordering {
        let place = |value: &Value| match (value.is_missing(), value.number()) {
            (true, _) => 0,
            (false, None) => 1,
            (false, Some(_)) => 2,
        };
        let by_kind = place(self).cmp(&place(other));
        by_kind.then_with(|| self.compare(other).unwrap_or(Ordering::Equal))
    }

    /// About what it takes in memory.
    pub fn bytes(&self) -> usize {
        let text = if let Value::Text(text) = self { text.len() } else { 0 };
        size_of::<Value>() + text
    }
}

fn truth(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

/// A number in text: digits with a sign, a point, an exponent; not Rust's `inf` and `nan`.
fn text_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let numeric = |next: char| next.is_ascii_digit() || "+-.eE".contains(next);
    if !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        || !text.chars().all(numeric)
    {
        return None;
    }
    text.parse().ok()
}

fn number_text(number: f64) -> String {
    // Whole ones without a point, as far as a double tells them apart.
    if number.fract() == 0.0 && number.abs() < 9e15 {
        format!("{}", number as i64)
    } else {
        format!("{number}")
    }
}

/// `2019-08-07 23:51:11.000`, in UTC.
fn time_text(ms: i64) -> String {
    let Ok(at) = Timestamp::from_millisecond(ms) else { return ms.to_string() };
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_show_as_insights_shows_them() {
        let shown = |value: Value| value.text().unwrap_or_else(|| "-".into());
        assert_eq!(shown(Value::Number(3.0)), "3");
        assert_eq!(shown(Value::Number(0.25)), "0.25");
        assert_eq!(shown(Value::Number(-1e21)), "-1000000000000000000000");
        assert_eq!(shown(Value::Bool(true)), "1");
        assert_eq!(shown(Value::Missing), "-");
        assert_eq!(shown(Value::Time(1_565_221_871_000)), "2019-08-07 23:51:11.000");
    }

    #[test]
    fn what_reads_as_a_number_is_one() {
        let text = |text: &str| Value::Text(text.into());
        assert_eq!(text("10").compare(&Value::Number(9.0)), Some(Ordering::Greater));
        assert_eq!(text("10").compare(&text("9")), Some(Ordering::Greater));
        assert_eq!(text("10a").compare(&text("9")), Some(Ordering::Less));
        assert_eq!(text("infinity").number(), None);
        assert_eq!(text("e").number(), None);
        assert_eq!(Value::Missing.compare(&text("")), None);
        assert_eq!(text("a").order(&Value::Number(1.0)), Ordering::Less);
    }
}
