//! Which rule answers a request: pure functions over a view of the request.
//!
//! Rules are compiled once per configuration (patterns lower-cased where AWS
//! compares without case), then evaluated in ascending priority; the first
//! whose conditions all hold wins, else the default.
//!
//! Source: "Listeners for your Application Load Balancers", rule conditions.

pub mod pattern;
pub mod redirect;

use std::net::IpAddr;

use http::{HeaderMap, HeaderName};

use crate::config::{Cidr, Condition, QueryPair};
use pattern::Pattern;

/// What conditions look at.
pub struct RequestView<'a> {
    pub method: &'a str,
    /// Without its port.
    pub host: &'a str,
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub headers: &'a HeaderMap,
    /// The peer of the connection, never `X-Forwarded-For`.
    pub source: IpAddr,
}

/// A condition ready to be evaluated.
#[derive(Debug)]
pub enum Test {
    Path(Vec<Pattern>),
    Host(Vec<Pattern>),
    Header { name: Option<HeaderName>, values: Vec<Pattern> },
    Method(Vec<String>),
    Query(Vec<(Option<Pattern>, Pattern)>),
    SourceIp(Vec<Cidr>),
}

impl Test {
    /// Compiles a condition.
    pub fn new(condition: &Condition) -> Self {
        let exact = |values: &[String]| values.iter().map(|v| Pattern::exact_case(v)).collect();
        let any_case = |values: &[String]| values.iter().map(|v| Pattern::any_case(v)).collect();
        match condition {
            Condition::PathPattern(values) => Test::Path(exact(values)),
            Condition::HostHeader(values) => Test::Host(any_case(values)),
            Condition::HttpHeader { name, values } => Test::Header {
                name: HeaderName::from_bytes(name.as_bytes()).ok(),
                values: any_case(values),
            },
            Condition::HttpRequestMethod(values) => Test::Method(values.clone()),
            Condition::QueryString(pairs) => Test::Query(pairs.iter().map(query_test).collect()),
            Condition::SourceIp(blocks) => Test::SourceIp(blocks.clone()),
        }
    }

    /// Whether the request satisfies it.
    pub fn holds(&self, request: &RequestView<'_>) -> bool {
        match self {
            Test::Path(patterns) => any(patterns, request.path),
            Test::Host(patterns) => any(patterns, request.host),
            Test::Header { name: None, .. } => false,
            Test::Header { name: Some(name), values } => request
                .headers
                .get_all(name)
                .iter()
                .any(|value| values.iter().any(|p| p.matches(value.as_bytes()))),
            Test::Method(methods) => methods.iter().any(|m| m == request.method),
            Test::Query(pairs) => {
                let query = request.query.unwrap_or_default();
                !query.is_empty() && query.split('&').any(|pair| query_holds(pairs, pair))
            }
            Test::SourceIp(blocks) => blocks.iter().any(|b| b.contains(request.source)),
        }
    }
}

/// The first of `rules` whose tests all hold, and how many were evaluated.
pub fn first_match<'r, R>(
    rules: &'r [R],
    tests: impl Fn(&R) -> &[Test],
    request: &RequestView<'_>,
) -> (Option<&'r R>, u32) {
    for (i, rule) in rules.iter().enumerate() {
        if tests(rule).iter().all(|t| t.holds(request)) {
            return (Some(rule), i as u32 + 1);
        }
    }
    (None, rules.len() as u32)
}

fn any(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|p| p.matches(text.as_bytes()))
}

fn query_test(pair: &QueryPair) -> (Option<Pattern>, Pattern) {
    (pair.key.as_deref().map(Pattern::escaped), Pattern::escaped(&pair.value))
}

fn query_holds(wanted: &[(Option<Pattern>, Pattern)], pair: &str) -> bool {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    wanted.iter().any(|(k, v)| {
        k.as_ref().is_none_or(|k| k.matches(key.as_bytes())) && v.matches(value.as_bytes())
    })
}

impl Cidr {
    /// Whether `address` lies in the block. An IPv4 client of a dual-stack
    /// socket is compared as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let keep = u32::from(self.prefix_len.min(32));
                let mask = u32::MAX.checked_shl(32 - keep).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let keep = u32::from(self.prefix_len.min(128));
                let mask = u128::MAX.checked_shl(128 - keep).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl std::str::FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address block such as 192.0.2.0/24");
        let (network, len) = text.split_once('/').ok_or_else(wrong)?;
        let network: IpAddr = network.parse().map_err(|_| wrong())?;
        let prefix_len: u8 = len.parse().map_err(|_| wrong())?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        if prefix_len > most {
            return Err(wrong());
        }
        Ok(Cidr { network, prefix_len })
    }
}

#[cfg(test)]
mod tests;
