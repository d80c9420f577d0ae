//! Objects as the state keeps them: attributes as JSON by their schema, and which are sensitive.

use std::collections::BTreeMap;

use neargate_hcl::convert::Step;
use neargate_hcl::json::{self, type_from_json, type_to_json};
use neargate_hcl::{Kind, Marks, Type, Value, convert};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::paths::{self, Path};
use crate::schema::{BlockSchema, Nesting, Schema};
use crate::state::InstanceState;

/// The object of an instance, with its marks.
pub fn from_state(instance: &InstanceState, schema: &Schema) -> Result<Value, String> {
    let text = instance.attributes.as_ref().map_or("{}", |raw| raw.get());
    let attributes: Json = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let value = read(&attributes, &schema.block.ty())?;
    Ok(with_schema_marks(paths::mark(value, &sensitive_paths(instance)), &schema.block))
}

/// Puts an object into the place of the attributes of an instance.
pub fn into_state(instance: &mut InstanceState, value: &Value, schema: &Schema) {
    let sensitive = paths::marked(value, Marks::SENSITIVE);
    let plain = without_write_only(value, &schema.block);
    instance.schema_version = schema.version;
    instance.attributes = Some(raw(write(&plain, &schema.block.ty())));
    instance.attributes_flat = None;
    instance.sensitive_attributes = Some(raw(sensitive_json(&sensitive).to_string()));
}

/// A text of JSON as it is.
pub fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).expect("what is written here is JSON")
}

fn without_write_only(value: &Value, block: &BlockSchema) -> Value {
    let mut value = value.clone();
    for (name, attribute) in &block.attributes {
        if attribute.write_only {
            let path = [Step::Attribute(name.clone())];
            value = paths::change(&value, &path, &|v| Value::null(v.ty()));
        }
    }
    value
}

/// Sensitive where the schema says so.
pub fn with_schema_marks(value: Value, block: &BlockSchema) -> Value {
    let mut found = Vec::new();
    schema_paths(&value, block, &mut Vec::new(), &mut found);
    paths::mark(value, &found)
}

fn schema_paths(value: &Value, block: &BlockSchema, path: &mut Path, found: &mut Vec<Path>) {
    for (name, attribute) in &block.attributes {
        if attribute.sensitive && value.get(name).is_some_and(|v| !v.is_null()) {
            let mut at = path.clone();
            at.push(Step::Attribute(name.clone()));
            found.push(at);
        }
    }
    for (name, nested) in &block.blocks {
        let Some(inner) = value.get(name) else { continue };
        path.push(Step::Attribute(name.clone()));
        match nested.nesting {
            Nesting::Single => schema_paths(inner, &nested.block, path, found),
            Nesting::List => {
                for (index, element) in inner.elements().unwrap_or_default().iter().enumerate() {
                    path.push(Step::Index(index));
                    schema_paths(element, &nested.block, path, found);
                    path.pop();
                }
            }
            Nesting::Set => {
                let mut inside = Vec::new();
                for element in inner.elements().unwrap_or_default() {
                    schema_paths(element, &nested.block, &mut Vec::new(), &mut inside);
                }
                if !inside.is_empty() {
                    found.push(path.clone());
                }
            }
        }
        path.pop();
    }
}

fn sensitive_paths(instance: &InstanceState) -> Vec<Path> {
    let text = instance.sensitive_attributes.as_ref().map_or("[]", |raw| raw.get());
    let Ok(Json::Array(found)) = serde_json::from_str(text) else { return Vec::new() };
    found.iter().filter_map(path_from_json).collect()
}

/// A path as the state has it; none if it is none.
pub fn path_from_json(json: &Json) -> Option<Path> {
    json.as_array()?.iter().map(step).collect()
}

fn step(json: &Json) -> Option<Step> {
    match json["type"].as_str()? {
        "get_attr" => Some(Step::Attribute(json["value"].as_str()?.to_owned())),
        _ => match &json["value"]["value"] {
            Json::String(key) => Some(Step::Key(key.clone())),
            index => Some(Step::Index(index.as_u64()? as usize)),
        },
    }
}

fn sensitive_json(paths: &[Path]) -> Json {
    paths.iter().map(|path| path_to_json(path)).collect()
}

/// The reverse of `path_from_json`.
pub fn path_to_json(path: &[Step]) -> Json {
    path.iter()
        .map(|step| match step {
            Step::Attribute(name) => serde_json::json!({"type": "get_attr", "value": name}),
            Step::Index(index) => serde_json::json!(
                {"type": "index", "value": {"value": index, "type": "number"}}
            ),
            Step::Key(key) => serde_json::json!(
                {"type": "index", "value": {"value": key, "type": "string"}}
            ),
        })
        .collect()
}

/// JSON as a value of a type: what is left out is null, and what is not of the type is dropped.
pub fn read(json: &Json, ty: &Type) -> Result<Value, String> {
    if json.is_null() {
        return Ok(Value::null(ty.clone()));
    }
    match ty {
        Type::Dynamic => match type_from_json(&json["type"]) {
            Some(inner) => read(&json["value"], &inner),
            None => Err("a value of any type has no type beside it".to_owned()),
        },
        Type::Object(attributes) => {
            let mut found = BTreeMap::new();
            for (name, attribute) in attributes.iter() {
                found.insert(name.clone(), read(&json[name.as_str()], &attribute.ty)?);
            }
            Ok(Value::object(found))
        }
        Type::List(element) => Ok(Value::list((**element).clone(), items(json, element)?)),
        Type::Set(element) => Ok(Value::set((**element).clone(), items(json, element)?)),
        Type::Tuple(elements) => {
            let found: Result<Vec<Value>, String> =
                elements.iter().enumerate().map(|(at, ty)| read(&json[at], ty)).collect();
            Ok(Value::tuple(found?))
        }
        Type::Map(element) => {
            let mut found = BTreeMap::new();
            for (key, value) in json.as_object().into_iter().flatten() {
                found.insert(key.clone(), read(value, element)?);
            }
            Ok(Value::map((**element).clone(), found))
        }
        Type::Bool | Type::Number | Type::String => {
            convert(&json::from_json(json), ty).map_err(|e| e.to_string())
        }
    }
}

fn items(json: &Json, element: &Type) -> Result<Vec<Value>, String> {
    json.as_array().into_iter().flatten().map(|item| read(item, element)).collect()
}

/// The reverse of `read`. What is unknown is null: no state has unknown values.
pub fn write(value: &Value, ty: &Type) -> String {
    if value.is_null() || !value.is_known() {
        return "null".to_owned();
    }
    if *ty == Type::Dynamic {
        let own = value.ty();
        return format!("{{\"value\":{},\"type\":{}}}", write(value, &own), type_to_json(&own));
    }
    match value.kind() {
        Kind::Object(entries) => object(entries.iter().map(|(name, value)| {
            let attribute = ty.attributes().and_then(|all| all.get(name));
            (name, value, attribute.map_or_else(|| value.ty(), |a| a.ty.clone()))
        })),
        Kind::Map(_, entries) => object(entries.iter().map(|(key, value)| {
            let element = ty.element().cloned();
            (key, value, element.filter(|t| *t != Type::Dynamic).unwrap_or_else(|| value.ty()))
        })),
        Kind::List(_, elements) | Kind::Set(_, elements) => {
            let element = ty.element().cloned().unwrap_or(Type::Dynamic);
            let items: Vec<String> = elements.iter().map(|e| write(e, &element)).collect();
            format!("[{}]", items.join(","))
        }
        Kind::Tuple(elements) => {
            let types = match ty {
                Type::Tuple(types) => types.to_vec(),
                _ => elements.iter().map(Value::ty).collect(),
            };
            let items: Vec<String> =
                elements.iter().zip(&types).map(|(e, t)| write(e, t)).collect();
            format!("[{}]", items.join(","))
        }
        _ => json::encode(value).unwrap_or_else(|| "null".to_owned()),
    }
}

fn object<'a>(entries: impl Iterator<Item = (&'a String, &'a Value, Type)>) -> String {
    let members: Vec<String> = entries
        .map(|(name, value, ty)| {
            let name = json::encode(&Value::string(name.as_str())).unwrap_or_default();
            format!("{name}:{}", write(value, &ty))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}
