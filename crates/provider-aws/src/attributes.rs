//! The attributes of one object, as its schema has them, in JSON: what is not set is
//! null, blocks are arrays of objects. Whatever cannot be known yet is null here too.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// Attributes by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Map<String, Json>);

impl From<Json> for Attributes {
    fn from(json: Json) -> Self {
        match json {
            Json::Object(attributes) => Attributes(attributes),
            _ => Attributes::default(),
        }
    }
}

impl From<Attributes> for Json {
    fn from(attributes: Attributes) -> Json {
        Json::Object(attributes.0)
    }
}

impl Attributes {
    pub fn get(&self, name: &str) -> &Json {
        self.0.get(name).unwrap_or(&Json::Null)
    }

    /// A text that is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).as_str().filter(|text| !text.is_empty())
    }

    /// The same for a request.
    pub fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A text that has to be there; empty where it is not.
    pub fn required(&self, name: &str) -> String {
        self.string(name).unwrap_or_default()
    }

    pub fn id(&self) -> String {
        self.required("id")
    }

    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).as_bool()
    }

    pub fn is(&self, name: &str) -> bool {
        self.bool(name) == Some(true)
    }

    /// A number, also one that the schema has as a text.
    pub fn number(&self, name: &str) -> Option<i32> {
        let value = self.get(name);
        let whole = value.as_i64().or_else(|| value.as_f64().map(|number| number as i64));
        let whole = whole.or_else(|| value.as_str()?.parse().ok());
        whole.and_then(|number| i32::try_from(number).ok())
    }

    /// The texts of a list or set.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let items = self.get(name).as_array().into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// The same for a request; none where there is nothing in it.
    pub fn some_texts(&self, name: &str) -> Option<Vec<String>> {
        Some(self.texts(name)).filter(|texts| !texts.is_empty())
    }

    /// The blocks of a kind.
    pub fn blocks(&self, name: &str) -> Vec<Attributes> {
        let items = self.get(name).as_array().into_iter().flatten();
        items.cloned().map(Attributes::from).collect()
    }

    /// The one block of a kind.
    pub fn block(&self, name: &str) -> Option<Attributes> {
        self.blocks(name).into_iter().next()
    }

    pub fn map(&self, name: &str) -> BTreeMap<String, String> {
        let entries = self.get(name).as_object().into_iter().flatten();
        entries.map(|(key, value)| (key.clone(), plain(value))).collect()
    }

    pub fn set(&mut self, name: &str, value: impl Into<Json>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets a text as Terraform's provider keeps one that AWS does not have: empty.
    pub fn set_text(&mut self, name: &str, value: Option<String>) {
        self.set(name, value.unwrap_or_default());
    }

    /// Sets many.
    pub fn extend(&mut self, json: Json) {
        self.0.extend(Attributes::from(json).0);
    }

    /// Whether an attribute is another one in `other`.
    pub fn differs(&self, other: &Attributes, name: &str) -> bool {
        self.get(name) != other.get(name)
    }

    /// Whether any of these is another one.
    pub fn any_differs(&self, other: &Attributes, names: &[&str]) -> bool {
        names.iter().any(|name| self.differs(other, name))
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
