//! The query protocol and EC2's variant of it: a form whose dotted, numbered
//! names spell a tree (`Tags.member.1.Key=…`). The form becomes a tree first,
//! then the schema gives it kinds.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::Timestamp;

use super::MAX_DEPTH;
use crate::error::ReadError;
use crate::schema::{ListSchema, MapSchema, Schema};
use crate::value::Value;

/// A parsed form.
#[derive(Debug, Default)]
pub struct Form {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Form {
    /// Parses an `application/x-www-form-urlencoded` body or query string.
    pub fn parse(text: &[u8]) -> Result<Form, ReadError> {
        let mut form = Form::default();
        for (name, value) in form_urlencoded::parse(text) {
            let mut node = &mut form.root;
            for (depth, part) in name.split('.').enumerate() {
                if depth > MAX_DEPTH {
                    return Err(ReadError::TooDeep(MAX_DEPTH));
                }
                node = node.children.entry(part.to_owned()).or_default();
            }
            node.text = Some(value.into_owned());
        }
        Ok(form)
    }

    /// A top-level parameter, such as `Action`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.root.children.get(name)?.text.as_deref()
    }
}

/// Reads a form as `schema`. One reader serves both: whether a list has a wrapper
/// (`member`) shows in the form itself.
pub fn query(schema: &'static Schema, form: &Form) -> Result<Value, ReadError> {
    convert(schema, &form.root, &mut Vec::new())
}

fn convert(
    schema: &'static Schema,
    node: &Node,
    path: &mut Vec<String>,
) -> Result<Value, ReadError> {
    match schema {
        Schema::Struct(structure) => {
            let mut members = Vec::new();
            for (index, member) in structure.members.iter().enumerate() {
                let Some(child) = find(node, member.query_name, member.schema) else { continue };
                path.push(member.query_name.to_owned());
                members.push((index, convert(member.schema, child, path)?));
                path.pop();
            }
            Ok(Value::Struct(members))
        }
        Schema::List(list) => convert_list(list, node, path),
        Schema::Map(map) => convert_map(map, node, path),
        _ => scalar(schema, node.text.as_deref().unwrap_or_default(), path),
    }
}

/// The child of this name; a flattened list may go by its element's name.
fn find<'a>(node: &'a Node, name: &str, schema: &Schema) -> Option<&'a Node> {
    if let Some(child) = node.children.get(name) {
        return Some(child);
    }
    match schema {
        Schema::List(list) if list.flattened => node.children.get(list.member_name),
        _ => None,
    }
}

/// The numbered children in order; `Name=` alone is an empty list.
fn numbered(node: &Node) -> Vec<&Node> {
    let mut items: Vec<(u32, &Node)> = node
        .children
        .iter()
        .filter_map(|(name, child)| Some((name.parse().ok()?, child)))
        .collect();
    items.sort_by_key(|(number, _)| *number);
    items.into_iter().map(|(_, child)| child).collect()
}

fn convert_list(
    list: &'static ListSchema,
    node: &Node,
    path: &mut Vec<String>,
) -> Result<Value, ReadError> {
    let wrapped = node.children.get(list.member_name).or_else(|| node.children.get("member"));
    let mut values = Vec::new();
    for (index, child) in numbered(wrapped.unwrap_or(node)).into_iter().enumerate() {
        path.push((index + 1).to_string());
        values.push(convert(list.member, child, path)?);
        path.pop();
    }
    Ok(Value::List(values))
}

fn convert_map(
    map: &'static MapSchema,
    node: &Node,
    path: &mut Vec<String>,
) -> Result<Value, ReadError> {
    let entries = node.children.get("entry").unwrap_or(node);
    let mut read = Vec::new();
    for child in numbered(entries) {
        let key = child.children.get(map.key_name).and_then(|k| k.text.clone());
        let Some(key) = key else {
            return Err(ReadError::Malformed(format!(
                "{}: a map entry without {}",
                path.join("."),
                map.key_name
            )));
        };
        path.push(key.clone());
        if let Some(value) = child.children.get(map.value_name) {
            read.push((key, convert(map.value, value, path)?));
        }
        path.pop();
    }
    Ok(Value::Map(read))
}

fn scalar(schema: &Schema, text: &str, path: &[String]) -> Result<Value, ReadError> {
    let read = match schema {
        Schema::Integer { .. } => text.parse::<i32>().ok().map(|n| Value::Int(i64::from(n))),
        Schema::Long { .. } => text.parse().ok().map(Value::Int),
        Schema::Double { .. } => text.parse().ok().map(Value::Float),
        Schema::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Schema::Blob { .. } => STANDARD.decode(text).ok().map(Value::Blob),
        Schema::Timestamp(_) => Timestamp::parse_iso8601(text)
            .or_else(|| Some(Timestamp((text.parse::<f64>().ok()? * 1000.0).round() as i64)))
            .map(Value::Timestamp),
        _ => Some(Value::String(text.to_owned())),
    };
    let expected = match schema {
        Schema::Integer { .. } => "an integer",
        Schema::Long { .. } => "a long integer",
        Schema::Double { .. } => "a number",
        Schema::Boolean => "a boolean",
        Schema::Blob { .. } => "base64",
        _ => "a timestamp",
    };
    read.ok_or_else(|| ReadError::Kind {
        path: path.join("."),
        expected,
        found: text.chars().take(64).collect(),
    })
}
