//! The `Condition` element: operators, how they take several values, and what
//! they say of a key that the request does not have.
//!
//! Source: "IAM JSON policy elements: Condition operators" and "Multivalued
//! context keys" in the user guide.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::Timestamp;

use crate::pattern::{arn_matches, matches, plain, substitute};
use crate::principal::Request;

/// One key with the values that it is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub test: Test,
    /// In lower case.
    pub key: String,
    pub values: Vec<String>,
}

/// `ForAnyValue:StringLikeIfExists`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    pub quantifier: Quantifier,
    pub operator: Operator,
    /// Whether the operator is one of the `Not…` forms.
    pub negated: bool,
    pub if_exists: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    None,
    ForAllValues,
    ForAnyValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equals,
    Less,
    LessOrEquals,
    Greater,
    GreaterOrEquals,
}

impl Test {
    /// An operator by its name; `None` for one that IAM does not have.
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, name) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
            (Quantifier::ForAllValues, rest)
        } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
            (Quantifier::ForAnyValue, rest)
        } else {
            (Quantifier::None, name)
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (operator, negated) = operator(name)?;
        if operator == Operator::Null && (if_exists || quantifier != Quantifier::None) {
            return None;
        }
        Some(Test { quantifier, operator, negated, if_exists })
    }
}

fn operator(name: &str) -> Option<(Operator, bool)> {
    use Comparison::{Equals, Greater, GreaterOrEquals, Less, LessOrEquals};
    Some(match name {
        "StringEquals" => (Operator::StringEquals, false),
        "StringNotEquals" => (Operator::StringEquals, true),
        "StringEqualsIgnoreCase" => (Operator::StringEqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Operator::StringEqualsIgnoreCase, true),
        "StringLike" => (Operator::StringLike, false),
        "StringNotLike" => (Operator::StringLike, true),
        "NumericEquals" => (Operator::Numeric(Equals), false),
        "NumericNotEquals" => (Operator::Numeric(Equals), true),
        "NumericLessThan" => (Operator::Numeric(Less), false),
        "NumericLessThanEquals" => (Operator::Numeric(LessOrEquals), false),
        "NumericGreaterThan" => (Operator::Numeric(Greater), false),
        "NumericGreaterThanEquals" => (Operator::Numeric(GreaterOrEquals), false),
        "DateEquals" => (Operator::Date(Equals), false),
        "DateNotEquals" => (Operator::Date(Equals), true),
        "DateLessThan" => (Operator::Date(Less), false),
        "DateLessThanEquals" => (Operator::Date(LessOrEquals), false),
        "DateGreaterThan" => (Operator::Date(Greater), false),
        "DateGreaterThanEquals" => (Operator::Date(GreaterOrEquals), false),
        "Bool" => (Operator::Bool, false),
        "BinaryEquals" => (Operator::Binary, false),
        "IpAddress" => (Operator::IpAddress, false),
        "NotIpAddress" => (Operator::IpAddress, true),
        "ArnEquals" | "ArnLike" => (Operator::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Operator::Arn, true),
        "Null" => (Operator::Null, false),
        _ => return None,
    })
}

impl Condition {
    /// Whether the request meets this condition.
    pub fn holds(&self, request: &Request, has_variables: bool) -> bool {
        let asked = request.context.get(&self.key).filter(|values| !values.is_empty());
        let test = self.test;
        if test.operator == Operator::Null {
            let absent = asked.is_none();
            return self.values.iter().any(|v| v.eq_ignore_ascii_case(&absent.to_string()));
        }
        let Some(asked) = asked else {
            return match test.quantifier {
                Quantifier::ForAllValues => true,
                Quantifier::ForAnyValue => test.if_exists,
                Quantifier::None => test.if_exists || test.negated,
            };
        };
        let wanted: Vec<String> = self
            .values
            .iter()
            .filter_map(|value| match has_variables {
                true => substitute(value, |key| request.variable(key)),
                false => Some(value.clone()),
            })
            .collect();
        let one = |value: &String| {
            wanted.iter().any(|wanted| test.operator.accepts(wanted, value)) != test.negated
        };
        match test.quantifier {
            Quantifier::ForAllValues => asked.iter().all(one),
            Quantifier::ForAnyValue => asked.iter().any(one),
            // A single-valued key; of several values, a negation must hold for each.
            Quantifier::None if test.negated => asked.iter().all(one),
            Quantifier::None => asked.iter().any(one),
        }
    }
}

impl Operator {
    /// Whether the request's `value` is what the policy's `wanted` accepts.
    fn accepts(self, wanted: &str, value: &str) -> bool {
        match self {
            Operator::StringLike => matches(wanted, value),
            Operator::Arn => arn_matches(wanted, value),
            Operator::StringEquals => plain(wanted) == value,
            Operator::StringEqualsIgnoreCase => {
                plain(wanted).to_lowercase() == value.to_lowercase()
            }
            Operator::Bool => wanted.eq_ignore_ascii_case(value),
            Operator::Binary => match (STANDARD.decode(wanted), STANDARD.decode(value)) {
                (Ok(wanted), Ok(value)) => wanted == value,
                _ => false,
            },
            Operator::Numeric(comparison) => match (wanted.parse::<f64>(), value.parse::<f64>()) {
                (Ok(wanted), Ok(value)) => comparison.holds(value.partial_cmp(&wanted)),
                _ => false,
            },
            Operator::Date(comparison) => match (instant(wanted), instant(value)) {
                (Some(wanted), Some(value)) => comparison.holds(Some(value.cmp(&wanted))),
                _ => false,
            },
            Operator::IpAddress => in_range(wanted, value),
            Operator::Null => false,
        }
    }
}

impl Comparison {
    fn holds(self, order: Option<std::cmp::Ordering>) -> bool {
        let Some(order) = order else { return false };
        match self {
            Comparison::Equals => order.is_eq(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEquals => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEquals => order.is_ge(),
        }
    }
}

/// A date in ISO 8601, with or without a time, or seconds since the epoch.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(secs) = text.parse::<i64>() {
        return Some(Timestamp::from_secs(secs));
    }
    Timestamp::parse_iso8601(text)
        .or_else(|| Timestamp::parse_iso8601(&format!("{text}T00:00:00Z")))
        .or_else(|| Timestamp::parse_iso8601(&format!("{text}Z")))
}

/// Whether an address is in a range in CIDR notation (or is that one address).
fn in_range(range: &str, address: &str) -> bool {
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, length.parse::<u32>().ok()),
        None => (range, Some(128)),
    };
    let (Ok(network), Some(length)) = (network.parse::<IpAddr>(), length) else { return false };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let kept = u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0);
            network.to_bits() & kept == address.to_bits() & kept
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let kept = u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0);
            network.to_bits() & kept == address.to_bits() & kept
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::principal::Principal;

    /// Whether `operator` with `wanted` holds for a key `k` of these values (none: no such key).
    fn holds(operator: &str, wanted: &[&str], asked: &[&str]) -> bool {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let test = Test::parse(operator).unwrap_or_else(|| panic!("no operator {operator}"));
        let condition = Condition { test, key: "k".into(), values: own(wanted) };
        let mut context = BTreeMap::from([("aws:username".to_owned(), own(&["anna"]))]);
        if !asked.is_empty() {
            context.insert("k".into(), own(asked));
        }
        let request = Request {
            principal: Principal::Root { account: "000000000000".into() },
            action: "a:B".into(),
            resource: "*".into(),
            context,
        };
        condition.holds(&request, true)
    }

    #[test]
    fn every_operator_decides_as_the_guide_says() {
        for (operator, wanted, asked, expected) in [
            ("StringEquals", "a", "a", true),
            ("StringEquals", "a*", "ab", false),
            ("StringEquals", "${aws:username}", "anna", true),
            ("StringNotEquals", "a", "b", true),
            ("StringEqualsIgnoreCase", "AbC", "aBc", true),
            ("StringNotEqualsIgnoreCase", "AbC", "aBc", false),
            ("StringLike", "a*c", "abc", true),
            ("StringNotLike", "a*c", "abc", false),
            ("NumericEquals", "10", "10.0", true),
            ("NumericNotEquals", "10", "11", true),
            ("NumericLessThan", "10", "9", true),
            ("NumericLessThanEquals", "10", "10", true),
            ("NumericGreaterThan", "10", "10", false),
            ("NumericGreaterThanEquals", "10", "x", false),
            ("DateLessThan", "2026-01-02T00:00:00Z", "2026-01-01T23:59:59Z", true),
            ("DateGreaterThan", "2026-01-02", "2026-01-02T00:00:01Z", true),
            ("DateEquals", "0", "1970-01-01T00:00:00Z", true),
            ("DateNotEquals", "0", "1970-01-01T00:00:00Z", false),
            ("DateGreaterThanEquals", "10", "10", true),
            ("DateLessThanEquals", "10", "11", false),
            ("Bool", "true", "True", true),
            ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true),
            ("IpAddress", "10.0.0.0/8", "10.1.2.3", true),
            ("IpAddress", "10.0.0.1", "10.0.0.2", false),
            ("IpAddress", "2001:db8::/32", "2001:db8::1", true),
            ("IpAddress", "0.0.0.0/0", "8.8.8.8", true),
            ("NotIpAddress", "10.0.0.0/8", "11.1.2.3", true),
            ("ArnLike", "arn:aws:ecs:*:1:*", "arn:aws:ecs:us-west-2:1:task/x", true),
            ("ArnEquals", "arn:aws:ecs:*:2:*", "arn:aws:ecs:us-west-2:1:task/x", false),
            ("ArnNotLike", "arn:aws:ecs:*:2:*", "arn:aws:ecs:us-west-2:1:task/x", true),
            ("ArnNotEquals", "arn:aws:ecs:*:1:*", "arn:aws:ecs:us-west-2:1:task/x", false),
            ("Null", "false", "x", true),
        ] {
            assert_eq!(
                holds(operator, &[wanted], &[asked]),
                expected,
                "{operator} {wanted} {asked}"
            );
        }
        for unknown in
            ["StringIs", "forAnyValue:StringLike", "NullIfExists", "ForAnyValue:Null", ""]
        {
            assert_eq!(Test::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_key_that_is_absent_fails_but_for_negations_and_if_exists() {
        assert!(!holds("StringEquals", &["a"], &[]));
        assert!(holds("StringNotEquals", &["a"], &[]));
        assert!(holds("StringEqualsIfExists", &["a"], &[]));
        assert!(!holds("StringEqualsIfExists", &["a"], &["b"]));
        assert!(holds("Null", &["true"], &[]));
        assert!(holds("ForAllValues:StringEquals", &["a"], &[]));
        assert!(!holds("ForAnyValue:StringEquals", &["a"], &[]));
    }

    #[test]
    fn quantifiers_ask_all_values_or_any() {
        assert!(holds("ForAllValues:StringLike", &["a*", "b"], &["ax", "b"]));
        assert!(!holds("ForAllValues:StringLike", &["a*"], &["ax", "b"]));
        assert!(holds("ForAnyValue:StringLike", &["a*"], &["ax", "b"]));
        assert!(!holds("ForAnyValue:StringNotLike", &["a*", "b"], &["ax", "b"]));
        assert!(holds("ForAllValues:StringNotEquals", &["c"], &["a", "b"]));
    }
}
