//! Values in the machine's form: what is known of one, which parts are not, and which are sensitive.

use neargate_hcl::{Kind, Type, Value, json};
use serde_json::{Map, Value as Json};

/// What is known: unknown attributes are left out, unknown elements are null.
pub fn known(value: &Value) -> Option<Json> {
    match value.kind() {
        Kind::Unknown(_) => None,
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            Some(elements.iter().map(|element| known(element).unwrap_or(Json::Null)).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let known = entries.iter().filter_map(|(name, v)| Some((name.clone(), known(v)?)));
            Some(Json::Object(known.collect()))
        }
        _ => json::to_json(value),
    }
}

/// `true` wherever something is unknown; of objects, nothing of what is wholly known.
pub fn unknown(value: &Value) -> Json {
    flags(value, &|value| match value.is_known() {
        true => None,
        false => Some(Json::Bool(true)),
    })
}

/// `true` wherever something is sensitive; of objects, nothing of what is not.
pub fn sensitive(value: &Value) -> Json {
    flags(value, &|value| {
        if value.is_sensitive() {
            return Some(Json::Bool(true));
        }
        match value.kind() {
            Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                Some(Json::Array(Vec::new()))
            }
            Kind::Unknown(Type::Map(_) | Type::Object(_)) => Some(Json::Object(Map::new())),
            Kind::Unknown(_) => Some(Json::Bool(false)),
            _ => None,
        }
    })
}

/// `of` says it of a whole value, or leaves it to what is inside.
fn flags(value: &Value, of: &dyn Fn(&Value) -> Option<Json>) -> Json {
    if let Some(flag) = of(value) {
        return flag;
    }
    match value.kind() {
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            elements.iter().map(|element| flags(element, of)).collect()
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let inner = entries.iter().map(|(name, value)| (name.clone(), flags(value, of)));
            Json::Object(inner.filter(|(_, flag)| *flag != Json::Bool(false)).collect())
        }
        _ => Json::Bool(false),
    }
}
