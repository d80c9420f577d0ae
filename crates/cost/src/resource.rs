//! A resource as a plan or a state has it.

use serde_json::{Map, Value};

/// One instance of a resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `module.ecs.aws_ecs_service.this[0]`
    pub address: String,
    /// `aws_ecs_service`
    pub kind: String,
    /// What is known of its attributes.
    pub values: Map<String, Value>,
}

impl Resource {
    /// The address of its module; empty at the root.
    pub fn module(&self) -> &str {
        self.address.find(&format!("{}.", self.kind)).map_or("", |at| &self.address[..at])
    }

    /// Whether a plan does not know it yet: then it is not among the values at all.
    pub fn is_unknown(&self, name: &str) -> bool {
        !self.values.contains_key(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Numbers come as such or as text: a task definition's `cpu` is text.
    pub fn number(&self, name: &str) -> Option<f64> {
        number(self.values.get(name)?)
    }

    /// The members of a list, or the blocks of a kind.
    pub fn list(&self, name: &str) -> &[Value] {
        self.values.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// See [`Resource::number`].
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
