//! A decoded input before it is typed: what the readers make and validation walks.

use neargate_ids::Timestamp;

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
}
