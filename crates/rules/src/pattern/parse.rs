//! From a text to a pattern. The refusals are those of AWS's rule compiler.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::compare::{But, Comparison, Network, Range, Text};
use super::{InvalidPattern, Members, Node};

/// The alternatives of `$or`.
const OR: &str = "$or";

/// Numbers that can be compared, as AWS says.
const NUMERIC_LIMIT: f64 = 5e9;

fn invalid<T>(why: impl Into<String>) -> Result<T, InvalidPattern> {
    Err(InvalidPattern(why.into()))
}

pub fn pattern(text: &str) -> Result<Members, InvalidPattern> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => members(&object),
        Ok(_) => invalid("Filter is not an object"),
        Err(_) => invalid("Invalid JSON"),
    }
}

fn members(object: &Map<String, Value>) -> Result<Members, InvalidPattern> {
    if object.is_empty() {
        return invalid("Empty objects are not allowed");
    }
    let mut parsed = Members { fields: Vec::new(), alternatives: Vec::new() };
    for (name, value) in object {
        match value {
            Value::Array(branches) if name == OR && is_relation(branches) => {
                let branches = branches.iter().filter_map(Value::as_object);
                parsed.alternatives.push(branches.map(members).collect::<Result<_, _>>()?);
            }
            Value::Array(values) => parsed.fields.push((name.clone(), leaf(values)?)),
            Value::Object(inner) => {
                parsed.fields.push((name.clone(), Node::Object(members(inner)?)));
            }
            _ => return invalid(format!("\"{name}\" must be an object or an array")),
        }
    }
    Ok(parsed)
}

/// `$or` with two objects or more that hold fields; else it is the name of a field.
fn is_relation(branches: &[Value]) -> bool {
    let has_fields = |branch: &Value| {
        branch.as_object().is_some_and(|object| object.keys().all(|key| !is_operator(key)))
    };
    branches.len() > 1 && branches.iter().all(has_fields)
}

fn is_operator(key: &str) -> bool {
    matches!(
        key,
        "prefix"
            | "suffix"
            | "anything-but"
            | "numeric"
            | "exists"
            | "cidr"
            | "equals-ignore-case"
            | "wildcard"
    )
}

fn leaf(values: &[Value]) -> Result<Node, InvalidPattern> {
    if values.is_empty() {
        return invalid("Empty arrays are not allowed");
    }
    values.iter().map(comparison).collect::<Result<_, _>>().map(Node::Leaf)
}

fn comparison(value: &Value) -> Result<Comparison, InvalidPattern> {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(_) => {
            return invalid("Match value must be String, number, true, false, or null");
        }
        scalar => return Ok(Comparison::Exact(scalar.clone())),
    };
    let (operator, operand) = only(object)?;
    match operator {
        "anything-but" => anything_but(operand).map(Comparison::Anything),
        "numeric" => numeric(operand).map(Comparison::Numeric),
        "exists" => match operand {
            Value::Bool(wanted) => Ok(Comparison::Exists(*wanted)),
            _ => invalid("exists match pattern must be either true or false."),
        },
        "cidr" => cidr(operand).map(Comparison::Cidr),
        _ => text(operator, operand).map(Comparison::Text),
    }
}

/// The one member of a match expression.
fn only(object: &Map<String, Value>) -> Result<(&str, &Value), InvalidPattern> {
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => Ok((key, value)),
        (None, _) => invalid("Empty objects are not allowed"),
        _ => invalid("Only one key allowed in match expression"),
    }
}

fn text(operator: &str, operand: &Value) -> Result<Text, InvalidPattern> {
    if !is_operator(operator) {
        return invalid(format!("Unrecognized match type {operator}"));
    }
    // `{"prefix": {"equals-ignore-case": "x"}}`
    if let ("prefix" | "suffix", Value::Object(inner)) = (operator, operand) {
        let (key, inner) = only(inner)?;
        let Some(lower) = inner.as_str().map(str::to_lowercase) else {
            return invalid(format!("{operator} match pattern must be a string"));
        };
        return match (key, operator) {
            ("equals-ignore-case", "prefix") => Ok(Text::PrefixIgnoreCase(lower)),
            ("equals-ignore-case", _) => Ok(Text::SuffixIgnoreCase(lower)),
            _ => invalid(format!("Unsupported {operator} pattern: {key}")),
        };
    }
    let Some(value) = operand.as_str() else {
        return invalid(format!("{operator} match pattern must be a string"));
    };
    Ok(match operator {
        "prefix" => Text::Prefix(value.to_owned()),
        "suffix" => Text::Suffix(value.to_owned()),
        "equals-ignore-case" => Text::IgnoreCase(value.to_lowercase()),
        _ => Text::Wildcard(wildcard(value)?),
    })
}

/// The literal parts between the stars. A backslash makes a star literal.
fn wildcard(value: &str) -> Result<Vec<String>, InvalidPattern> {
    let mut parts = vec![String::new()];
    let mut characters = value.chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '*' if characters.peek().is_some_and(|(_, next)| *next == '*') => {
                return invalid(format!("Consecutive wildcard characters at pos {at}"));
            }
            '*' => parts.push(String::new()),
            '\\' => match characters.next() {
                Some((_, literal @ ('*' | '\\'))) => push(&mut parts, literal),
                _ => return invalid(format!("Invalid escape character at pos {at}")),
            },
            literal => push(&mut parts, literal),
        }
    }
    Ok(parts)
}

fn push(parts: &mut [String], literal: char) {
    if let Some(last) = parts.last_mut() {
        last.push(literal);
    }
}

fn anything_but(operand: &Value) -> Result<But, InvalidPattern> {
    match operand {
        Value::Object(inner) => {
            let (operator, operand) = only(inner)?;
            if !matches!(operator, "prefix" | "suffix" | "equals-ignore-case" | "wildcard") {
                return invalid(format!("Unsupported anything-but pattern: {operator}"));
            }
            let operands = match operand {
                Value::Array(list) if list.is_empty() => {
                    return invalid("Empty arrays are not allowed");
                }
                Value::Array(list) => list.iter().collect(),
                one => vec![one],
            };
            operands
                .into_iter()
                .map(|one| text(operator, one))
                .collect::<Result<_, _>>()
                .map(But::Texts)
        }
        Value::Array(list) if list.is_empty() => invalid("Empty arrays are not allowed"),
        Value::Array(list) => {
            if let Some(odd) = list.iter().find(|value| !value.is_string() && !value.is_number()) {
                let kind = match odd {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    _ => "start",
                };
                return invalid(format!("Inside anything but list, {kind} is not supported."));
            }
            let strings = list.iter().filter(|value| value.is_string()).count();
            if strings != 0 && strings != list.len() {
                return invalid(
                    "Inside anything but list, either all values are number or string, mixed type is not supported",
                );
            }
            Ok(But::Values(list.clone()))
        }
        Value::String(_) | Value::Number(_) => Ok(But::Values(vec![operand.clone()])),
        _ => invalid("Value of anything-but must be an array or single string/number value."),
    }
}

/// `["=", 5]`, `["<", 10]`, `[">", 0, "<=", 5]`.
fn numeric(operand: &Value) -> Result<Range, InvalidPattern> {
    let Value::Array(items) = operand else { return invalid("Value of numeric must be an array.") };
    let mut items = items.iter();
    let (operator, number) = bound(&mut items)?;
    let mut range = Range::default();
    match operator {
        "=" => {
            range = Range { bottom: Some((number, true)), top: Some((number, true)) };
        }
        ">" | ">=" => range.bottom = Some((number, operator == ">=")),
        _ => range.top = Some((number, operator == "<=")),
    }
    if items.len() > 0 {
        if range.bottom.is_none() || range.top.is_some() {
            return invalid("Too many terms in numeric range expression");
        }
        let (operator, top) = bound(&mut items)?;
        if !operator.starts_with('<') {
            return invalid(format!("Bad numeric range operator: {operator}"));
        }
        if top <= number {
            return invalid("Bottom must be less than top");
        }
        range.top = Some((top, operator == "<="));
    }
    match items.len() {
        0 => Ok(range),
        _ => invalid("Too many terms in numeric range expression"),
    }
}

fn bound<'a>(
    items: &mut impl Iterator<Item = &'a Value>,
) -> Result<(&'a str, f64), InvalidPattern> {
    let operator = match items.next() {
        Some(Value::String(operator)) => operator.as_str(),
        Some(other) => return invalid(format!("Invalid member in numeric match: {other}")),
        None => return invalid("Invalid member in numeric match: ]"),
    };
    if !matches!(operator, "=" | "<" | "<=" | ">" | ">=") {
        return invalid(format!("Unrecognized numeric range operator: {operator}"));
    }
    match items.next().and_then(Value::as_f64) {
        Some(number) if number.abs() <= NUMERIC_LIMIT => Ok((operator, number)),
        Some(_) => invalid("Value must be between -5.0E9 and 5.0E9, inclusive"),
        None => match operator {
            "=" => invalid("Value of equals must be numeric"),
            operator => invalid(format!("Value of {operator} must be numeric")),
        },
    }
}

fn cidr(operand: &Value) -> Result<Network, InvalidPattern> {
    let Some(text) = operand.as_str() else {
        return invalid("prefix match pattern must be a string");
    };
    let Some((address, bits)) = text.split_once('/').filter(|(_, bits)| !bits.contains('/')) else {
        return invalid("Malformed CIDR, one '/' required");
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return invalid(format!("Nonstandard IP address: {address}"));
    };
    let Ok(bits) = bits.parse::<u8>() else {
        return invalid("Malformed CIDR, mask bits must be an integer");
    };
    match address {
        IpAddr::V4(_) if bits > 32 => invalid("IPv4 mask bits must be < 32"),
        IpAddr::V6(_) if bits > 128 => invalid("IPv6 mask bits must be < 128"),
        address => Ok(Network { address, bits }),
    }
}
