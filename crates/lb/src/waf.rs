//! A web ACL, judging each request before the listener's rules see it: a pure
//! function over a view of the request. What it cannot judge the control plane
//! leaves out. Source: "Rules" and "Web request components" in the WAF developer guide.
//!
//! Rules are tried in ascending priority; the first that matches and allows or
//! blocks decides, one that counts goes on, and the default action has the rest.

mod text;

use http::{HeaderMap, HeaderName};
use regex::bytes::Regex;

use crate::config::{Cidr, FixedResponse};
use crate::rules::RequestView;
pub use text::Change;

/// What guards a load balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct WebAcl {
    /// In ascending priority.
    pub rules: Vec<Rule>,
    pub default_action: Action,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub statement: Statement,
    pub action: Action,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Allow,
    /// The next rule has it.
    Count,
    Block(Option<Response>),
}

/// A block's own response.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub fixed: FixedResponse,
    pub headers: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    And(Vec<Statement>),
    Or(Vec<Statement>),
    Not(Box<Statement>),
    Source(Vec<Cidr>),
    Bytes { part: Part, position: Place, search: Vec<u8> },
    Size { part: Part, is: Comparison, size: usize },
    Matches { part: Part, pattern: Pattern },
}

/// A part of a request, and what is made of it before it is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub field: Field,
    /// In their order.
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    Method,
    Path,
    Query,
    Header(String),
    /// One argument of the query, by its name in any case.
    Argument(String),
    /// The values of all of them.
    Arguments,
}

/// Where bytes are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Exactly,
    Start,
    End,
    Anywhere,
    /// As a word of letters, digits and `_`.
    Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    AtMost,
    Below,
    AtLeast,
    Above,
}

/// A regular expression.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// `None` for what is none.
    pub fn new(text: &str) -> Option<Self> {
        Regex::new(text).ok().map(Pattern)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl WebAcl {
    /// The response of a request that is blocked (`Some(None)`: AWS's own page).
    pub fn blocks(&self, request: &RequestView<'_>) -> Option<&Option<Response>> {
        let decides = |rule: &&Rule| rule.action != Action::Count && rule.statement.holds(request);
        let rule = self.rules.iter().find(decides);
        match rule.map_or(&self.default_action, |rule| &rule.action) {
            Action::Block(response) => Some(response),
            Action::Allow | Action::Count => None,
        }
    }
}

impl Statement {
    fn holds(&self, request: &RequestView<'_>) -> bool {
        match self {
            Statement::And(all) => all.iter().all(|one| one.holds(request)),
            Statement::Or(all) => all.iter().any(|one| one.holds(request)),
            Statement::Not(one) => !one.holds(request),
            Statement::Source(blocks) => blocks.iter().any(|block| block.contains(request.source)),
            Statement::Bytes { part, position, search } => {
                part.of(request).iter().any(|text| position.finds(search, text))
            }
            Statement::Size { part, is, size } => {
                part.of(request).iter().any(|text| is.holds(text.len(), *size))
            }
            Statement::Matches { part, pattern } => {
                part.of(request).iter().any(|text| pattern.0.is_match(text))
            }
        }
    }
}

impl Part {
    /// The texts of this part, none where the request has none of it.
    fn of(&self, request: &RequestView<'_>) -> Vec<Vec<u8>> {
        let query = request.query.unwrap_or_default();
        let found: Vec<Vec<u8>> = match &self.field {
            Field::Method => vec![request.method.into()],
            Field::Path => vec![request.path.into()],
            Field::Query => vec![query.into()],
            Field::Header(name) => header(request, name),
            Field::Argument(name) => {
                let named = |(key, _): &(&str, &str)| key.eq_ignore_ascii_case(name);
                arguments(query).filter(named).map(|(_, value)| value.into()).collect()
            }
            Field::Arguments => arguments(query).map(|(_, value)| value.into()).collect(),
        };
        let changed = |text| self.changes.iter().fold(text, |text, change| change.make(text));
        found.into_iter().map(changed).collect()
    }
}

/// A header's values; `Host` may stand in the target instead.
fn header(request: &RequestView<'_>, name: &str) -> Vec<Vec<u8>> {
    let headers: &HeaderMap = request.headers;
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return Vec::new() };
    let all: Vec<Vec<u8>> = headers.get_all(&name).iter().map(|v| v.as_bytes().into()).collect();
    match all.is_empty() && name == http::header::HOST {
        true => vec![request.host.into()],
        false => all,
    }
}

fn arguments(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

impl Place {
    fn finds(self, search: &[u8], text: &[u8]) -> bool {
        let at = |start: usize| text[start..].starts_with(search);
        let mut starts = 0..(text.len() + 1).saturating_sub(search.len());
        match self {
            Place::Exactly => text == search,
            Place::Start => text.starts_with(search),
            Place::End => text.ends_with(search),
            Place::Anywhere => starts.any(at),
            Place::Word => {
                let in_word = |byte: Option<&u8>| {
                    byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
                };
                starts.any(|start| {
                    let before = start.checked_sub(1).and_then(|before| text.get(before));
                    at(start) && !in_word(before) && !in_word(text.get(start + search.len()))
                })
            }
        }
    }
}

impl Comparison {
    fn holds(self, length: usize, size: usize) -> bool {
        match self {
            Comparison::Equal => length == size,
            Comparison::NotEqual => length != size,
            Comparison::AtMost => length <= size,
            Comparison::Below => length < size,
            Comparison::AtLeast => length >= size,
            Comparison::Above => length > size,
        }
    }
}

#[cfg(test)]
mod tests;
