//! What may stand at a leaf of a pattern, and whether a scalar of the event is that.

use std::net::IpAddr;

use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    Exact(Value),
    Text(Text),
    /// Present, and none of these.
    Anything(But),
    Numeric(Range),
    Exists(bool),
    Cidr(Network),
}

/// A condition on a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    Prefix(String),
    Suffix(String),
    /// These three are kept in lower case.
    IgnoreCase(String),
    PrefixIgnoreCase(String),
    SuffixIgnoreCase(String),
    /// Literal parts, between which anything may stand.
    Wildcard(Vec<String>),
}

/// What `anything-but` leaves out.
#[derive(Clone, Debug, PartialEq)]
pub enum But {
    Values(Vec<Value>),
    Texts(Vec<Text>),
}

/// Bounds with whether they belong to the range.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    pub bottom: Option<(f64, bool)>,
    pub top: Option<(f64, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    pub bits: u8,
}

impl Comparison {
    /// Whether a scalar satisfies it.
    pub fn holds(&self, leaf: &Value) -> bool {
        match self {
            Comparison::Exact(wanted) => equal(wanted, leaf),
            Comparison::Text(text) => leaf.as_str().is_some_and(|leaf| text.holds(leaf)),
            Comparison::Anything(But::Values(values)) => {
                !values.iter().any(|value| equal(value, leaf))
            }
            Comparison::Anything(But::Texts(texts)) => {
                !leaf.as_str().is_some_and(|leaf| texts.iter().any(|text| text.holds(leaf)))
            }
            Comparison::Numeric(range) => leaf.as_f64().is_some_and(|number| range.has(number)),
            Comparison::Exists(wanted) => *wanted,
            Comparison::Cidr(network) => {
                leaf.as_str().and_then(|leaf| leaf.parse().ok()).is_some_and(|ip| network.has(ip))
            }
        }
    }
}

/// Numbers are equal by value, everything else as JSON is.
fn equal(wanted: &Value, leaf: &Value) -> bool {
    match (wanted.as_f64(), leaf.as_f64()) {
        (Some(wanted), Some(leaf)) => wanted == leaf,
        _ => wanted == leaf,
    }
}

impl Text {
    fn holds(&self, text: &str) -> bool {
        match self {
            Text::Prefix(prefix) => text.starts_with(prefix),
            Text::Suffix(suffix) => text.ends_with(suffix),
            Text::IgnoreCase(wanted) => text.to_lowercase() == *wanted,
            Text::PrefixIgnoreCase(prefix) => text.to_lowercase().starts_with(prefix),
            Text::SuffixIgnoreCase(suffix) => text.to_lowercase().ends_with(suffix),
            Text::Wildcard(parts) => wildcard(parts, text),
        }
    }
}

/// Whether `text` is made of `parts` with anything between them.
fn wildcard(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

impl Range {
    fn has(&self, number: f64) -> bool {
        let above = self.bottom.is_none_or(|(bottom, closed)| match closed {
            true => number >= bottom,
            false => number > bottom,
        });
        let below = self.top.is_none_or(|(top, closed)| match closed {
            true => number <= top,
            false => number < top,
        });
        above && below
    }
}

impl Network {
    fn has(&self, ip: IpAddr) -> bool {
        let (a, b, width) = match (self.address, ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                (u128::from(a.to_bits()), u128::from(b.to_bits()), 32)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            _ => return false,
        };
        let shift = width - u32::from(self.bits);
        // The whole of IPv6 cannot be shifted out of 128 bits.
        a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
    }
}
