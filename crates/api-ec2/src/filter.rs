//! Filters of the describe calls: all of them must hold, any of a filter's
//! values may; `*` and `?` are wildcards, and a backslash takes their meaning.
//! They look at the answer's own shape, so that what is shown is what is found.

use neargate_api::AwsError;
use neargate_api::types::ec2::{Filter, Tag};

use crate::error;

/// A filter's name, and the values that a resource has for it.
pub type Field<T> = (&'static str, fn(&T) -> Vec<String>);

/// The filters of one request.
pub struct Filters<T: 'static> {
    wanted: Vec<Wanted<T>>,
}

enum Wanted<T: 'static> {
    Field(fn(&T) -> Vec<String>, Vec<String>),
    TagKey(Vec<String>),
    Tag(String, Vec<String>),
}

impl<T> Filters<T> {
    /// Reads the filters of a request; one that the call does not have is an error.
    pub fn parse(
        given: Option<Vec<Filter>>,
        fields: &'static [Field<T>],
    ) -> Result<Self, AwsError> {
        let mut wanted = Vec::new();
        for filter in given.unwrap_or_default() {
            let name = filter.name.unwrap_or_default();
            let values = filter.values.unwrap_or_default();
            if values.is_empty() {
                return Err(error::of(
                    "MissingParameter",
                    format!("The filter '{name}' must have at least one value"),
                ));
            }
            wanted.push(match name.as_str() {
                "tag-key" => Wanted::TagKey(values),
                name if name.starts_with("tag:") => Wanted::Tag(name[4..].to_owned(), values),
                name => match fields.iter().find(|(field, _)| *field == name) {
                    Some((_, read)) => Wanted::Field(*read, values),
                    None => return Err(error::invalid(format!("The filter '{name}' is invalid"))),
                },
            });
        }
        Ok(Filters { wanted })
    }

    /// Whether a resource with these tags passes all filters.
    pub fn pass(&self, item: &T, tags: &[Tag]) -> bool {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        self.wanted.iter().all(|wanted| match wanted {
            Wanted::Field(read, patterns) => any(patterns, read(item)),
            Wanted::TagKey(patterns) => any(patterns, tags.iter().map(|tag| text(&tag.key))),
            Wanted::Tag(key, patterns) => {
                let mine = tags.iter().filter(|tag| tag.key.as_deref() == Some(key));
                any(patterns, mine.map(|tag| text(&tag.value)))
            }
        })
    }
}

fn any(patterns: &[String], values: impl IntoIterator<Item = String>) -> bool {
    values.into_iter().any(|value| patterns.iter().any(|pattern| matches(pattern, &value)))
}

/// Whether `text` is what `pattern` says.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // Where to go on after the last `*` when what follows it did not fit.
    let mut retry: Option<(usize, usize)> = None;
    let (mut p, mut t) = (0, 0);
    loop {
        if pattern.get(p) == Some(&'*') {
            retry = Some((p, t));
            p += 1;
            continue;
        }
        if t == text.len() && p == pattern.len() {
            return true;
        }
        let fits = match (pattern.get(p), text.get(t)) {
            (Some('\\'), Some(c)) if pattern.get(p + 1) == Some(c) => Some(2),
            (Some('?'), Some(_)) => Some(1),
            (Some(wanted), Some(c)) if wanted == c => Some(1),
            _ => None,
        };
        match (fits, retry) {
            (Some(step), _) => (p, t) = (p + step, t + 1),
            (None, Some((star, from))) if from < text.len() => {
                retry = Some((star, from + 1));
                (p, t) = (star + 1, from + 1);
            }
            _ => return false,
        }
    }
}

/// One optional text as a filter's values.
pub fn one(value: &Option<String>) -> Vec<String> {
    value.iter().cloned().collect()
}

/// A number or truth as a filter's values.
pub fn shown(value: Option<impl ToString>) -> Vec<String> {
    value.iter().map(ToString::to_string).collect()
}

/// The values of all parts of a list.
pub fn each<P>(parts: &Option<Vec<P>>, value: impl Fn(&P) -> Option<String>) -> Vec<String> {
    parts.iter().flatten().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            ("*", "anything"),
            ("a*c", "abbbc"),
            ("*-prod-*", "x-prod-y"),
            ("a?c", "abc"),
            ("*b*b", "abab"),
            ("\\*", "*"),
            ("a\\?", "a?"),
            ("a\\b", "a\\b"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("a", "b"), ("a", "aa"), ("a?c", "ac"), ("", "a"), ("\\*", "x"), ("a*c", "abcd")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
