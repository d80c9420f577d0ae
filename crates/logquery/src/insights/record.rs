//! One row on its way through a query: an event with what was discovered and made of it, or a
//! line of `stats`.

use std::sync::Arc;

use serde_json::Value as Json;

use super::value::Value;

/// An event of a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub timestamp_ms: i64,
    pub ingestion_ms: i64,
    pub message: String,
    pub stream: Arc<str>,
    /// `ACCOUNT:GROUP`.
    pub log: Arc<str>,
    /// What GetLogRecord finds it by.
    pub ptr: String,
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub line: Option<Arc<Line>>,
    /// The message as JSON: nothing before somebody asks, and then what it is, if anything.
    json: Option<Option<Json>>,
    /// Made by commands, the latest last.
    made: Vec<(String, Value)>,
}

impl Record {
    pub fn of(line: Line) -> Record {
        Record { line: Some(Arc::new(line)), json: None, made: Vec::new() }
    }

    /// A line of `stats`.
    pub fn made_of(values: Vec<(String, Value)>) -> Record {
        Record { line: None, json: None, made: values }
    }

    pub fn timestamp_ms(&self) -> i64 {
        self.line.as_ref().map_or(0, |line| line.timestamp_ms)
    }

    pub fn set(&mut self, name: &str, value: Value) {
        match self.made.iter_mut().find(|(own, _)| own == name) {
            Some((_, old)) => *old = value,
            None => self.made.push((name.to_owned(), value)),
        }
    }

    /// What a command has made under this name.
    pub fn made(&self, name: &str) -> Option<&Value> {
        self.made.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    pub fn field(&mut self, name: &str) -> Value {
        if let Some(made) = self.made(name) {
            return made.clone();
        }
        let Some(line) = self.line.clone() else { return Value::Missing };
        if let Some(value) = system_field(&line, name) {
            return value;
        }
        // A discovered field whose name begins with @ has another one before it.
        let name = if name.starts_with("@@") { &name[1..] } else { name };
        let json = self.json.get_or_insert_with(|| parsed(&line.message));
        json.as_ref().and_then(|json| discovered(json, name)).map_or(Value::Missing, value_of)
    }

    /// Forgets what can be found out again, before it is kept.
    pub fn packed(mut self) -> Record {
        self.json = None;
        self
    }

    /// About what it takes in memory.
    pub fn bytes(&self) -> usize {
        let line = self
            .line
            .as_ref()
            .map_or(0, |line| size_of::<Line>() + line.message.len() + line.ptr.len());
        let made = self.made.iter().map(|(name, value)| name.len() + value.bytes() + 24);
        size_of::<Record>() + line + made.sum::<usize>()
    }
}

/// The fields that every event has.
pub const SYSTEM_FIELDS: [&str; 6] =
    ["@timestamp", "@message", "@logStream", "@log", "@ingestionTime", "@ptr"];

fn system_field(line: &Line, name: &str) -> Option<Value> {
    Some(match name {
        "@timestamp" => Value::Time(line.timestamp_ms),
        "@message" => Value::Text(line.message.clone()),
        "@logStream" => Value::Text(line.stream.to_string()),
        "@log" => Value::Text(line.log.to_string()),
        "@ingestionTime" => Value::Time(line.ingestion_ms),
        "@ptr" => Value::Text(line.ptr.clone()),
        _ => return None,
    })
}

/// All fields of an event, as GetLogRecord shows them: its own, and those of a JSON message.
pub fn all_fields(line: &Line) -> Vec<(String, String)> {
    let own = SYSTEM_FIELDS.iter().filter(|name| **name != "@ptr");
    let own = own.filter_map(|name| {
        let text = match system_field(line, name)? {
            Value::Time(ms) => ms.to_string(),
            other => other.text()?,
        };
        Some(((*name).to_owned(), text))
    });
    let mut fields: Vec<(String, String)> = own.collect();
    if let Some(json) = parsed(&line.message) {
        flatten(&json, "", &mut fields);
    }
    fields
}

fn flatten(json: &Json, name: &str, fields: &mut Vec<(String, String)>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match json {
        Json::Object(members) => {
            for (key, value) in members {
                let shown = if name.is_empty() && key.starts_with('@') {
                    format!("@{key}")
                } else {
                    below(key)
                };
                flatten(value, &shown, fields);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(item, &below(&index.to_string()), fields);
            }
        }
        leaf => fields.extend(value_of(leaf).text().map(|text| (name.to_owned(), text))),
    }
}

fn parsed(message: &str) -> Option<Json> {
    // Most lines that are not JSON are told by their first character.
    if !message.trim_start().starts_with('{') {
        return None;
    }
    serde_json::from_str(message).ok()
}

/// The member at a path of names and indexes between points. A name may have points itself.
fn discovered<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    let step = |json: &'a Json, step: &str| match json {
        Json::Object(members) => members.get(step),
        Json::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    };
    if let Some(found) = step(json, path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| {
        let below = step(json, &path[..at])?;
        discovered(below, &path[at + 1..])
    })
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Missing,
        Json::Bool(is) => Value::Bool(*is),
        Json::Number(number) => match number.as_f64() {
            // Longer than a double holds: as it is written.
            Some(value) if value.abs() < 9e15 => Value::Number(value),
            _ => Value::Text(number.to_string()),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => Value::Text(json.to_string()),
    }
}
