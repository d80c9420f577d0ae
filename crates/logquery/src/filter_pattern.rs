//! CloudWatch Logs' filter patterns: parse once, then match messages. Pure.
//!
//! Three languages share the name, told apart by the first character:
//!
//! | begins with | is | where |
//! |---|---|---|
//! | `{` | conditions on the members of a JSON message | [`json`] |
//! | `[` | conditions on the words of a message, by position | [`fields`] |
//! | anything else | terms that the message contains, or does not | [`terms`] |
//!
//! The rules are those of the CloudWatch Logs user guide, "Filter pattern
//! syntax"; where it is silent, the comment says what was chosen.

mod condition;
mod fields;
mod found;
mod json;
mod scanner;
mod terms;
mod test;

use std::collections::BTreeMap;

pub use found::{Found, Selector};

/// The longest pattern that CloudWatch Logs takes.
const MAX_LENGTH: usize = 1024;

/// A parsed pattern.
#[derive(Clone, Debug)]
pub struct FilterPattern {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Everything,
    Terms(terms::Terms),
    Json(json::Json),
    Fields(fields::Fields),
}

/// Why a pattern is refused: the message of AWS's InvalidParameterException.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    #[error("Invalid filter pattern")]
    Malformed,
    #[error("Invalid character(s) in term '{0}'")]
    Characters(String),
    #[error("If a filter pattern starts with '{open}' it must end with '{close}'")]
    Unclosed { open: char, close: char },
}

impl FilterPattern {
    pub fn parse(pattern: &str) -> Result<FilterPattern, InvalidPattern> {
        if pattern.chars().count() > MAX_LENGTH {
            return Err(InvalidPattern::Malformed);
        }
        let pattern = pattern.trim();
        let kind = match pattern.chars().next() {
            None => Kind::Everything,
            Some('{') => Kind::Json(json::Json::parse(enclosed(pattern, '{', '}')?)?),
            Some('[') => Kind::Fields(fields::Fields::parse(enclosed(pattern, '[', ']')?)?),
            Some(_) => Kind::Terms(terms::Terms::parse(pattern)?),
        };
        Ok(FilterPattern { kind })
    }

    pub fn matches(&self, message: &str) -> bool {
        match &self.kind {
            Kind::Everything => true,
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(json) => json.matches(message),
            Kind::Fields(fields) => fields.matches(message),
        }
    }

    /// What is in a message that it matches, for values to be taken from.
    pub fn find<'a>(&self, message: &'a str) -> Option<Found<'a>> {
        match &self.kind {
            Kind::Everything => Some(Found::Text),
            Kind::Terms(terms) => terms.matches(message).then_some(Found::Text),
            Kind::Json(json) => json.find(message).map(Found::Json),
            Kind::Fields(fields) => fields.find(message).map(Found::Fields),
        }
    }

    /// Whether values can be taken from what it matches, by name.
    pub fn has_fields(&self) -> bool {
        matches!(self.kind, Kind::Json(_) | Kind::Fields(_))
    }

    /// What a space-delimited pattern finds in a message that it matches:
    /// `$name` or, for a field without one, `$1` and so on by position. Empty
    /// for the other kinds (TestMetricFilter's `extractedValues`).
    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        match &self.kind {
            Kind::Fields(fields) => fields.extract(message),
            _ => BTreeMap::new(),
        }
    }
}

/// What is between the outermost brackets.
fn enclosed(pattern: &str, open: char, close: char) -> Result<&str, InvalidPattern> {
    pattern
        .strip_prefix(open)
        .and_then(|rest| rest.strip_suffix(close))
        .ok_or(InvalidPattern::Unclosed { open, close })
}
