//! The typed side: what a generated struct, and each Rust type that it is made
//! of, can do with a schema.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

use crate::schema::{ListSchema, MapSchema, Member, Schema};
use crate::value::Value;
use crate::write::Encoder;

/// Bytes, apart from a list of integers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

/// A type that is on the wire what its schema says.
///
/// `decode` takes what a reader made by the same schema, so a kind that does
/// not fit cannot occur; should it all the same, the default stands in.
pub trait Shape: Default {
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder);
    fn decode(value: Value) -> Self;

    /// Whether there is nothing to write: an absent optional member.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Writes one member of a structure, unless it is absent.
pub fn put<T: Shape>(to: &mut dyn Encoder, member: &'static Member, value: &T) {
    if !value.is_absent() {
        to.member(member);
        value.encode(member.schema, to);
    }
}

impl<T: Shape> Shape for Option<T> {
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        if let Some(value) = self {
            value.encode(schema, to);
        }
    }

    fn decode(value: Value) -> Self {
        Some(T::decode(value))
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Shape> Shape for Box<T> {
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        (**self).encode(schema, to);
    }

    fn decode(value: Value) -> Self {
        Box::new(T::decode(value))
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        let Schema::List(list @ ListSchema { member, .. }) = schema else { return };
        to.begin_list(list);
        for value in self {
            to.item();
            value.encode(member, to);
        }
        to.end_list();
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::List(values) => values.into_iter().map(T::decode).collect(),
            _ => Vec::new(),
        }
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        let Schema::Map(map @ MapSchema { value: value_schema, .. }) = schema else { return };
        to.begin_map(map);
        for (key, value) in self {
            to.entry(key);
            value.encode(value_schema, to);
            to.end_entry();
        }
        to.end_map();
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::Map(entries) => entries.into_iter().map(|(k, v)| (k, T::decode(v))).collect(),
            _ => BTreeMap::new(),
        }
    }
}

impl Shape for String {
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.string(self);
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::String(text) => text,
            _ => String::new(),
        }
    }
}

impl Shape for bool {
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.boolean(*self);
    }

    fn decode(value: Value) -> Self {
        matches!(value, Value::Bool(true))
    }
}

impl Shape for i32 {
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.integer(i64::from(*self));
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::Int(number) => i32::try_from(number).unwrap_or_default(),
            _ => 0,
        }
    }
}

impl Shape for i64 {
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.integer(*self);
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::Int(number) => number,
            _ => 0,
        }
    }
}

impl Shape for f64 {
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.double(*self);
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::Float(number) => number,
            Value::Int(number) => number as f64,
            _ => 0.0,
        }
    }
}

impl Shape for Timestamp {
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        let format = match schema {
            Schema::Timestamp(format) => *format,
            _ => None,
        };
        to.timestamp(*self, format);
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::Timestamp(instant) => instant,
            _ => Timestamp::default(),
        }
    }
}

impl Shape for Blob {
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.blob(&self.0);
    }

    fn decode(value: Value) -> Self {
        match value {
            Value::Blob(bytes) => Blob(bytes),
            _ => Blob::default(),
        }
    }
}
