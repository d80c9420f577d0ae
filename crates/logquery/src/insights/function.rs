//! The functions of expressions, by name: what they take and what they give. An argument that is
//! missing makes the result missing, but where that is what the function asks about.
//!
//! Source: "Supported operations and functions" in the CloudWatch Logs user guide.

use std::net::IpAddr;

use super::value::Value;

/// What a function computes from its arguments, and the query's time in milliseconds.
type Compute = fn(&[Value], i64) -> Option<Value>;

#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub name: &'static str,
    pub at_least: usize,
    pub at_most: usize,
    compute: Compute,
}

const MANY: usize = 64;

const fn function(
    name: &'static str,
    at_least: usize,
    at_most: usize,
    compute: Compute,
) -> Function {
    Function { name, at_least, at_most, compute }
}

const FUNCTIONS: [Function; 34] = [
    function("abs", 1, 1, |a, _| number(a, 0).map(|n| Value::Number(n.abs()))),
    function("ceil", 1, 1, |a, _| number(a, 0).map(|n| Value::Number(n.ceil()))),
    function("floor", 1, 1, |a, _| number(a, 0).map(|n| Value::Number(n.floor()))),
    function("log", 1, 1, |a, _| finite(number(a, 0)?.ln())),
    function("sqrt", 1, 1, |a, _| finite(number(a, 0)?.sqrt())),
    function("greatest", 1, MANY, |a, _| numbers(a).reduce(f64::max).map(Value::Number)),
    function("least", 1, MANY, |a, _| numbers(a).reduce(f64::min).map(Value::Number)),
    function("ispresent", 1, 1, |a, _| Some(Value::Bool(!a[0].is_missing()))),
    function("coalesce", 1, MANY, |a, _| a.iter().find(|v| !v.is_missing()).cloned()),
    function("isempty", 1, 1, |a, _| Some(Value::Bool(text(a, 0).is_none_or(|t| t.is_empty())))),
    function("isblank", 1, 1, |a, _| {
        Some(Value::Bool(text(a, 0).is_none_or(|t| t.trim().is_empty())))
    }),
    function("concat", 1, MANY, |a, _| {
        Some(Value::Text(a.iter().filter_map(Value::text).collect()))
    }),
    function("strlen", 1, 1, |a, _| {
        text(a, 0).map(|text| Value::Number(text.chars().count() as f64))
    }),
    function("toupper", 1, 1, |a, _| text(a, 0).map(|text| Value::Text(text.to_uppercase()))),
    function("tolower", 1, 1, |a, _| text(a, 0).map(|text| Value::Text(text.to_lowercase()))),
    // Other names of the same.
    function("upper", 1, 1, |a, _| text(a, 0).map(|text| Value::Text(text.to_uppercase()))),
    function("lower", 1, 1, |a, _| text(a, 0).map(|text| Value::Text(text.to_lowercase()))),
    function("trim", 1, 2, |a, _| trimmed(a, true, true)),
    function("ltrim", 1, 2, |a, _| trimmed(a, true, false)),
    function("rtrim", 1, 2, |a, _| trimmed(a, false, true)),
    function("substr", 2, 3, |a, _| substr(a)),
    function("replace", 3, 3, |a, _| {
        Some(Value::Text(text(a, 0)?.replace(&text(a, 1)?, &text(a, 2)?)))
    }),
    function("strcontains", 2, 2, |a, _| {
        let (text, part) = (text(a, 0)?, text(a, 1)?);
        Some(Value::Number(f64::from(u8::from(text.contains(&part)))))
    }),
    function("frommillis", 1, 1, |a, _| Some(Value::Time(number(a, 0)? as i64))),
    function("tomillis", 1, 1, |a, _| match &a[0] {
        Value::Time(ms) => Some(Value::Number(*ms as f64)),
        _ => None,
    }),
    function("now", 0, 0, |_, now_ms| Some(Value::Number(now_ms.div_euclid(1000) as f64))),
    function("isvalidip", 1, 1, |a, _| Some(Value::Bool(address(a).is_some()))),
    function("isvalidipv4", 1, 1, |a, _| Some(Value::Bool(is_v4(a)))),
    function("isvalidipv6", 1, 1, |a, _| Some(Value::Bool(is_v6(a)))),
    function("isipinsubnet", 2, 2, |a, _| Some(Value::Bool(is_in_subnet(a)?))),
    function("isipv4insubnet", 2, 2, |a, _| Some(Value::Bool(is_in_subnet(a)? && is_v4(a)))),
    function("isipv6insubnet", 2, 2, |a, _| Some(Value::Bool(is_in_subnet(a)? && is_v6(a)))),
    function("ismissing", 1, 1, |a, _| Some(Value::Bool(a[0].is_missing()))),
    function("strreverse", 1, 1, |a, _| {
        text(a, 0).map(|text| Value::Text(text.chars().rev().collect()))
    }),
];

impl Function {
    pub fn named(name: &str) -> Option<Function> {
        FUNCTIONS.into_iter().find(|function| function.name.eq_ignore_ascii_case(name))
    }

    pub fn call(&self, arguments: &[Value], now_ms: i64) -> Value {
        (self.compute)(arguments, now_ms).unwrap_or(Value::Missing)
    }
}

fn number(arguments: &[Value], index: usize) -> Option<f64> {
    arguments.get(index)?.number()
}

fn numbers(arguments: &[Value]) -> impl Iterator<Item = f64> {
    arguments.iter().filter_map(Value::number)
}

fn text(arguments: &[Value], index: usize) -> Option<String> {
    arguments.get(index)?.text()
}

/// What is no number shows as nothing.
pub(super) fn finite(number: f64) -> Option<Value> {
    number.is_finite().then_some(Value::Number(number))
}

fn trimmed(arguments: &[Value], left: bool, right: bool) -> Option<Value> {
    let text = text(arguments, 0)?;
    let of = arguments.get(1).and_then(Value::text);
    let trims = |next: char| match &of {
        Some(of) => of.contains(next),
        None => next.is_whitespace(),
    };
    let mut rest = text.as_str();
    if left {
        rest = rest.trim_start_matches(trims);
    }
    if right {
        rest = rest.trim_end_matches(trims);
    }
    Some(Value::Text(rest.to_owned()))
}

fn substr(arguments: &[Value]) -> Option<Value> {
    let text = text(arguments, 0)?;
    let start = number(arguments, 1)?.max(0.0) as usize;
    let length = match arguments.get(2) {
        Some(length) => length.number()?.max(0.0) as usize,
        None => usize::MAX,
    };
    Some(Value::Text(text.chars().skip(start).take(length).collect()))
}

fn address(arguments: &[Value]) -> Option<IpAddr> {
    text(arguments, 0)?.parse().ok()
}

fn is_v4(arguments: &[Value]) -> bool {
    address(arguments).is_some_and(|address| address.is_ipv4())
}

fn is_v6(arguments: &[Value]) -> bool {
    address(arguments).is_some_and(|address| address.is_ipv6())
}

fn is_in_subnet(arguments: &[Value]) -> Option<bool> {
    let subnet = text(arguments, 1)?;
    let Some(address) = address(arguments) else { return Some(false) };
    let (network, length) = subnet.split_once('/')?;
    let (network, length): (IpAddr, u32) = (network.parse().ok()?, length.parse().ok()?);
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let ((address_bits, size), (network_bits, _)) = (bits(address), bits(network));
    if address.is_ipv4() != network.is_ipv4() || length > size {
        return Some(false);
    }
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    Some(address_bits & mask == network_bits & mask)
}
