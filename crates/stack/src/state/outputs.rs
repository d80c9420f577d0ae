//! Outputs as the state keeps them: the value, its type, and whether it is to be hidden.

use neargate_hcl::json::{type_from_json, type_to_json};
use neargate_hcl::{Marks, Value};

use super::Output;
use crate::objects;

/// A known value as an output.
pub fn of(value: &Value) -> Output {
    let (plain, marks) = value.clone().unmark_deep();
    let ty = plain.ty();
    Output {
        value: objects::raw(objects::write(&plain, &ty)),
        of_type: objects::raw(type_to_json(&ty).to_string()),
        sensitive: marks.contains(Marks::SENSITIVE),
    }
}

/// The value of an output; none if it is not understood.
pub fn value(output: &Output) -> Option<Value> {
    let ty = type_from_json(&serde_json::from_str(output.of_type.get()).ok()?)?;
    let value = objects::read(&serde_json::from_str(output.value.get()).ok()?, &ty).ok()?;
    Some(if output.sensitive { value.sensitive() } else { value })
}
