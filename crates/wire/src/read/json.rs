//! JSON 1.0 and 1.1 bodies. Unknown members are ignored and nulls are absent,
//! as AWS's services do; a member of the wrong kind is an error with its path.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::Timestamp;
use serde_json::Value as Json;

use super::MAX_DEPTH;
use crate::error::ReadError;
use crate::schema::Schema;
use crate::value::Value;

/// Reads `body` as `schema`; an empty body is an empty structure.
pub fn json(schema: &'static Schema, body: &[u8]) -> Result<Value, ReadError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Struct(Vec::new()));
    }
    let parsed: Json =
        serde_json::from_slice(body).map_err(|e| ReadError::Malformed(e.to_string()))?;
    convert(schema, parsed, &mut Vec::new())
}

/// A step of the way to a member, spelled out only for an error.
enum Step {
    Member(&'static str),
    Item(usize),
    Key(String),
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Member(name) => f.write_str(name),
            Step::Item(index) => write!(f, "{index}"),
            Step::Key(key) => f.write_str(key),
        }
    }
}

fn convert(schema: &'static Schema, json: Json, path: &mut Vec<Step>) -> Result<Value, ReadError> {
    if path.len() > MAX_DEPTH {
        return Err(ReadError::TooDeep(MAX_DEPTH));
    }
    match (schema, json) {
        (Schema::String(_), Json::String(text)) => Ok(Value::String(text)),
        (Schema::String(_), Json::Number(number)) => Ok(Value::String(number.to_string())),
        (Schema::String(_), Json::Bool(truth)) => Ok(Value::String(truth.to_string())),
        (Schema::Integer { .. } | Schema::Long { .. }, json) => integer(schema, json, path),
        (Schema::Double { .. }, json) => double(json, path),
        (Schema::Boolean, Json::Bool(truth)) => Ok(Value::Bool(truth)),
        (Schema::Boolean, Json::String(text)) if text == "true" || text == "false" => {
            Ok(Value::Bool(text == "true"))
        }
        (Schema::Blob { .. }, Json::String(text)) => match STANDARD.decode(&text) {
            Ok(bytes) => Ok(Value::Blob(bytes)),
            Err(_) => Err(kind(path, "base64", &Json::String(text))),
        },
        (Schema::Timestamp(_), json) => timestamp(json, path),
        (Schema::List(list), Json::Array(items)) => {
            let mut values = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                path.push(Step::Item(index));
                if !item.is_null() {
                    values.push(convert(list.member, item, path)?);
                }
                path.pop();
            }
            Ok(Value::List(values))
        }
        (Schema::Map(map), Json::Object(items)) => {
            let mut entries = Vec::with_capacity(items.len());
            for (key, item) in items {
                path.push(Step::Key(key.clone()));
                if !item.is_null() {
                    entries.push((key, convert(map.value, item, path)?));
                }
                path.pop();
            }
            Ok(Value::Map(entries))
        }
        (Schema::Struct(structure), Json::Object(mut items)) => {
            let mut members = Vec::with_capacity(items.len());
            for (index, member) in structure.members.iter().enumerate() {
                let Some(item) = items.remove(member.name).filter(|item| !item.is_null()) else {
                    continue;
                };
                path.push(Step::Member(member.name));
                members.push((index, convert(member.schema, item, path)?));
                path.pop();
            }
            Ok(Value::Struct(members))
        }
        (schema, json) => Err(kind(path, expected(schema), &json)),
    }
}

fn integer(schema: &Schema, json: Json, path: &[Step]) -> Result<Value, ReadError> {
    let number = match &json {
        Json::Number(number) => number.as_i64().or_else(|| {
            number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|n| n as i64)
        }),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    let fits = |n: &i64| matches!(schema, Schema::Long { .. }) || i32::try_from(*n).is_ok();
    number.filter(fits).map(Value::Int).ok_or_else(|| kind(path, expected(schema), &json))
}

fn double(json: Json, path: &[Step]) -> Result<Value, ReadError> {
    let number = match &json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.parse().ok(),
        },
        _ => None,
    };
    number.map(Value::Float).ok_or_else(|| kind(path, "a number", &json))
}

fn timestamp(json: Json, path: &[Step]) -> Result<Value, ReadError> {
    let instant = match &json {
        Json::Number(number) => {
            number.as_f64().map(|secs| Timestamp((secs * 1000.0).round() as i64))
        }
        Json::String(text) => Timestamp::parse_iso8601(text)
            .or_else(|| Timestamp::parse_http_date(text))
            .or_else(|| Some(Timestamp((text.parse::<f64>().ok()? * 1000.0).round() as i64))),
        _ => None,
    };
    instant.map(Value::Timestamp).ok_or_else(|| kind(path, "a timestamp", &json))
}

fn expected(schema: &Schema) -> &'static str {
    match schema {
        Schema::String(_) => "a string",
        Schema::Integer { .. } => "an integer",
        Schema::Long { .. } => "a long integer",
        Schema::Double { .. } => "a number",
        Schema::Boolean => "a boolean",
        Schema::Blob { .. } => "base64",
        Schema::Timestamp(_) => "a timestamp",
        Schema::List(_) => "a list",
        Schema::Map(_) => "a map",
        Schema::Struct(_) => "a structure",
    }
}

fn kind(path: &[Step], expected: &'static str, found: &Json) -> ReadError {
    let mut found = found.to_string();
    if found.chars().count() > 64 {
        found = found.chars().take(64).chain("…".chars()).collect();
    }
    let path = if path.is_empty() {
        "the body".to_owned()
    } else {
        path.iter().map(Step::to_string).collect::<Vec<_>>().join(".")
    };
    ReadError::Kind { path, expected, found }
}
