//! A decoded input before it is typed: what the readers make and validation walks.

use neargate_ids::Timestamp;

use crate::schema::Schema;
use crate::write::Encoder;

/// One value, already of the kind that its schema asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    String(String),
    Blob(Vec<u8>),
    Timestamp(Timestamp),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// Present members by their index in the schema; absent and null ones are left out.
    Struct(Vec<(usize, Value)>),
}

impl Value {
    /// The value of member `index`, where this is a structure that has it.
    pub fn member(&self, index: usize) -> Option<&Value> {
        match self {
            Value::Struct(members) => members.iter().find(|(i, _)| *i == index).map(|(_, v)| v),
            _ => None,
        }
    }

    /// Tells this value, which a reader made by `schema`, to `to`, member by member.
    pub fn visit(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        match (self, schema) {
            (Value::Bool(value), _) => to.boolean(*value),
            (Value::Int(value), _) => to.integer(*value),
            (Value::Float(value), _) => to.double(*value),
            (Value::String(value), _) => to.string(value),
            (Value::Blob(value), _) => to.blob(value),
            (Value::Timestamp(value), Schema::Timestamp(format)) => to.timestamp(*value, *format),
            (Value::Timestamp(value), _) => to.timestamp(*value, None),
            (Value::List(values), Schema::List(list)) => {
                to.begin_list(list);
                for value in values {
                    to.item();
                    value.visit(list.member, to);
                }
                to.end_list();
            }
            (Value::Map(entries), Schema::Map(map)) => {
                to.begin_map(map);
                for (key, value) in entries {
                    to.entry(key);
                    value.visit(map.value, to);
                    to.end_entry();
                }
                to.end_map();
            }
            (Value::Struct(members), Schema::Struct(shape)) => {
                to.begin_struct(shape);
                for (index, value) in members {
                    let Some(member) = shape.members.get(*index) else { continue };
                    to.member(member);
                    value.visit(member.schema, to);
                }
                to.end_struct();
            }
            // A reader makes only what fits its schema.
            (Value::List(_) | Value::Map(_) | Value::Struct(_), _) => to.string(""),
        }
    }
}
