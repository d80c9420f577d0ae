//! Values in a saved plan: with everything that a state does not have, which is unknown values, marks
//! and the types of what is empty.
//!
//! ```text
//! "a text"   true   {"number": "1.5"}   {"null": T}   {"unknown": T}   {"sensitive": V}
//! {"list": T, "of": [V…]}   {"set": T, "of": [V…]}   {"map": T, "of": {…}}   {"tuple": [V…]}   {"object": {…}}
//! ```
//!
//! T is a type as the state writes it.

use std::collections::BTreeMap;

use neargate_hcl::json::{type_from_json, type_to_json};
use neargate_hcl::{Kind, Marks, Number, Value};
use serde_json::{Map, Value as Json, json};

pub fn write(value: &Value) -> Json {
    if value.is_sensitive() {
        let plain = Value::from(value.kind().clone());
        let others = value.marks().without(Marks::SENSITIVE);
        return json!({ "sensitive": write(&plain.with_marks(others)) });
    }
    match value.kind() {
        Kind::Unknown(ty) => json!({ "unknown": type_to_json(ty) }),
        Kind::Null(ty) => json!({ "null": type_to_json(ty) }),
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => json!({ "number": number.to_string() }),
        Kind::String(text) => Json::String(text.to_string()),
        Kind::List(ty, elements) => json!({ "list": type_to_json(ty), "of": all(elements) }),
        Kind::Set(ty, elements) => json!({ "set": type_to_json(ty), "of": all(elements) }),
        Kind::Map(ty, entries) => json!({ "map": type_to_json(ty), "of": each(entries) }),
        Kind::Tuple(elements) => json!({ "tuple": all(elements) }),
        Kind::Object(entries) => json!({ "object": each(entries) }),
    }
}

fn all(elements: &[Value]) -> Json {
    elements.iter().map(write).collect()
}

fn each(entries: &BTreeMap<String, Value>) -> Json {
    Json::Object(entries.iter().map(|(name, value)| (name.clone(), write(value))).collect())
}

/// The reverse of `write`; none if it is no such value.
pub fn read(json: &Json) -> Option<Value> {
    let told = match json {
        Json::Bool(value) => return Some(Value::bool(*value)),
        Json::String(text) => return Some(Value::string(text.as_str())),
        Json::Object(told) => told,
        _ => return None,
    };
    let (kind, inner) = told.iter().find(|(name, _)| *name != "of")?;
    let ty = || type_from_json(inner);
    let elements = || items(told.get("of")?);
    Some(match kind.as_str() {
        "sensitive" => read(inner)?.sensitive(),
        "unknown" => Value::unknown(ty()?),
        "null" => Value::null(ty()?),
        "number" => Value::number(Number::parse(inner.as_str()?)?),
        "list" => Value::list(ty()?, elements()?),
        "set" => Value::set(ty()?, elements()?),
        "map" => Value::map(ty()?, entries(told.get("of")?)?),
        "tuple" => Value::tuple(items(inner)?),
        "object" => Value::object(entries(inner)?),
        _ => return None,
    })
}

fn items(json: &Json) -> Option<Vec<Value>> {
    json.as_array()?.iter().map(read).collect()
}

fn entries(json: &Json) -> Option<BTreeMap<String, Value>> {
    let told: &Map<String, Json> = json.as_object()?;
    told.iter().map(|(name, value)| Some((name.clone(), read(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use neargate_hcl::Type;

    use super::*;

    #[test]
    fn every_kind_of_value_comes_back() {
        let object = Value::object([
            ("text", Value::string("a")),
            ("secret", Value::string("b").sensitive()),
            ("number", Value::number(Number::parse("1.00000000000000000000000001").unwrap())),
            ("nothing", Value::null(Type::list(Type::Bool))),
            ("later", Value::unknown(Type::map(Type::Dynamic)).sensitive()),
            ("list", Value::list(Type::Number, vec![Value::number(1)])),
            ("set", Value::set(Type::String, vec![Value::unknown(Type::String), "x".into()])),
            ("map", Value::map(Type::Bool, [("of".to_owned(), Value::bool(true))].into())),
            ("tuple", Value::tuple([Value::bool(false), Value::tuple([])])),
            ("of", Value::object([("unknown", Value::string("no"))])),
        ]);
        assert_eq!(read(&write(&object)), Some(object));
    }
}
