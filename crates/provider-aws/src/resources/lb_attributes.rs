//! Attributes of load balancers and target groups: keys and texts that are asked for
//! and set by calls of their own. Which there are depends on the type, so only those
//! that AWS has are set, and of them only those that differ.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::attributes::Attributes;

/// What AWS has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keyed(BTreeMap<String, String>);

impl Keyed {
    pub fn new(pairs: impl Iterator<Item = (Option<String>, Option<String>)>) -> Keyed {
        Keyed(pairs.filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect())
    }

    /// With what stands for attributes that are not told. AWS tells all of a type, but not every attribute
    /// is there in every region: what a stack asks of one must not be passed over because of that.
    pub fn or(mut self, defaults: &[(&str, &str)]) -> Keyed {
        for (key, value) in defaults {
            self.0.entry((*key).to_owned()).or_insert_with(|| (*value).to_owned());
        }
        self
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub fn text(&self, key: &str) -> String {
        self.get(key).unwrap_or_default().to_owned()
    }

    pub fn bool(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }

    pub fn number(&self, key: &str) -> i64 {
        self.get(key).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Null where the type has no such thing.
    pub fn json(&self, key: &str, kind: Kind) -> Json {
        if self.get(key).is_none() {
            return Json::Null;
        }
        match kind {
            Kind::Text => self.text(key).into(),
            Kind::Bool => self.bool(key).into(),
            Kind::Number => self.number(key).into(),
        }
    }

    /// Of what is wanted, what AWS has and has otherwise.
    pub fn changes(&self, wanted: Vec<(&str, Option<String>)>) -> Vec<(String, String)> {
        let changed = |(key, value): (&str, Option<String>)| {
            let value = value?;
            self.get(key).filter(|is| *is != value).map(|_| (key.to_owned(), value))
        };
        wanted.into_iter().filter_map(changed).collect()
    }
}

/// What an attribute is in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Bool,
    Number,
}

/// The text of an attribute, if it is set.
pub fn text_of(attributes: &Attributes, name: &str) -> Option<String> {
    match attributes.get(name) {
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(text.clone()),
        Json::Bool(truth) => Some(truth.to_string()),
        Json::Number(_) => attributes.number(name).map(|number| number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_there_is_and_is_otherwise_is_set() {
        let pair = |key: &str, value: &str| (Some(key.to_owned()), Some(value.to_owned()));
        let has = Keyed::new([pair("a", "true"), pair("b", "60")].into_iter());
        let wanted = vec![
            ("a", Some("true".to_owned())),
            ("b", Some("30".to_owned())),
            ("of.another.type", Some("x".to_owned())),
        ];
        assert_eq!(has.changes(wanted), [("b".to_owned(), "30".to_owned())]);
        assert_eq!(has.json("of.another.type", Kind::Bool), Json::Null);
        let has = has.or(&[("a", "false"), ("untold", "append")]);
        let wanted = vec![("a", Some("true".to_owned())), ("untold", Some("remove".to_owned()))];
        assert_eq!(has.changes(wanted), [("untold".to_owned(), "remove".to_owned())]);
    }
}
