//! The attributes of a message: checked, kept, and as filter policies see them. Pure.
//!
//! Source: "Amazon SNS message attributes" in the developer guide.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use neargate_api::AwsError;
use neargate_api::model::sns::MessageAttribute;
use neargate_api::types::sns::{MessageAttributeValue, error};
use serde_json::Value;

pub type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// The attributes of an input.
pub fn read(
    given: Option<&BTreeMap<String, MessageAttributeValue>>,
) -> Result<MessageAttributes, AwsError> {
    let given = given.into_iter().flatten();
    given.map(|(name, value)| Ok((name.clone(), one(name, value)?))).collect()
}

fn one(name: &str, given: &MessageAttributeValue) -> Result<MessageAttribute, AwsError> {
    let bad = error::invalid_parameter_value_exception;
    let kind = given.data_type.split_once('.').map_or(given.data_type.as_str(), |(kind, _)| kind);
    let value = match (kind, &given.string_value, &given.binary_value) {
        ("String" | "Number", Some(text), None) if !text.is_empty() => text.clone(),
        ("Binary", None, Some(bytes)) if !bytes.0.is_empty() => BASE64.encode(&bytes.0),
        ("String" | "Number" | "Binary", ..) => {
            return Err(bad(format!(
                "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{kind}'."
            )));
        }
        _ => {
            return Err(bad(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
            )));
        }
    };
    if kind == "Number" && value.trim().parse::<f64>().is_err() {
        return Err(bad(format!("Could not cast message attribute '{name}' value to number.")));
    }
    Ok(MessageAttribute { data_type: given.data_type.clone(), value })
}

/// What a filter policy on attributes matches against. It sees no binary ones.
pub fn filtered(attributes: &MessageAttributes) -> Value {
    let seen = attributes.iter().filter_map(|(name, attribute)| {
        let text = || Value::String(attribute.value.clone());
        let value = match attribute.data_type.as_str() {
            "String.Array" => serde_json::from_str(&attribute.value).unwrap_or_else(|_| text()),
            kind if kind.starts_with("Number") => {
                serde_json::from_str(attribute.value.trim()).unwrap_or_else(|_| text())
            }
            kind if kind.starts_with("String") => text(),
            _ => return None,
        };
        Some((name.clone(), value))
    });
    Value::Object(seen.collect())
}
