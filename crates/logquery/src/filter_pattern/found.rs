//! What a pattern has found in a message, and the selectors that take values out of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::InvalidPattern;
use super::json::{Step, scan_selector, select};
use super::scanner::Scanner;

/// A message that matches.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// Nothing in it has a name.
    Text,
    Json(Value),
    /// Words, by `$name` and `$1`.
    Fields(BTreeMap<String, &'a str>),
}

/// Names a value in a message: `$.a.b[0]` in JSON, `$name` or `$1` among words.
#[derive(Clone, Debug)]
pub struct Selector {
    text: String,
    /// For JSON; none for a name of a word.
    steps: Option<Vec<Step>>,
}

impl Selector {
    pub fn parse(text: &str) -> Result<Selector, InvalidPattern> {
        let is_json = text.starts_with("$.") || text.starts_with("$[");
        let steps = match is_json {
            true => {
                let mut scanner = Scanner::new(text);
                let steps = scan_selector(&mut scanner)?;
                if !scanner.is_at_end() {
                    return Err(scanner.unexpected());
                }
                Some(steps)
            }
            false if text.len() > 1 && text.starts_with('$') => None,
            false => return Err(InvalidPattern::Malformed),
        };
        Ok(Selector { text: text.to_owned(), steps })
    }
}

impl Found<'_> {
    /// The text, number or boolean that a selector leads to.
    pub fn value(&self, selector: &Selector) -> Option<String> {
        match (self, &selector.steps) {
            (Found::Json(message), Some(steps)) => {
                let mut found = Vec::new();
                select(message, steps, &mut found);
                found.into_iter().find_map(|value| match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    Value::Bool(is) => Some(is.to_string()),
                    Value::Null | Value::Array(_) | Value::Object(_) => None,
                })
            }
            (Found::Fields(words), None) => {
                words.get(&selector.text).map(|word| (*word).to_owned())
            }
            _ => None,
        }
    }
}
