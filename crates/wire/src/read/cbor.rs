//! Smithy RPC v2 CBOR bodies. Source: the protocol's specification at
//! smithy.io ("Smithy RPC v2 CBOR protocol").

use minicbor::Decoder;
use minicbor::data::{Tag, Type};
use neargate_ids::Timestamp;

use super::MAX_DEPTH;
use crate::error::ReadError;
use crate::schema::Schema;
use crate::value::Value;

/// Reads `body` as `schema`; an empty body is an empty structure.
pub fn cbor(schema: &'static Schema, body: &[u8]) -> Result<Value, ReadError> {
    if body.is_empty() {
        return Ok(Value::Struct(Vec::new()));
    }
    let mut decoder = Decoder::new(body);
    Ok(convert(schema, &mut decoder, 0)?.unwrap_or(Value::Struct(Vec::new())))
}

fn malformed(error: minicbor::decode::Error) -> ReadError {
    ReadError::Malformed(error.to_string())
}

/// The next item, or `None` for null.
fn convert(
    schema: &'static Schema,
    from: &mut Decoder<'_>,
    depth: usize,
) -> Result<Option<Value>, ReadError> {
    if depth > MAX_DEPTH {
        return Err(ReadError::TooDeep(MAX_DEPTH));
    }
    let kind = from.datatype().map_err(malformed)?;
    if matches!(kind, Type::Null | Type::Undefined) {
        from.skip().map_err(malformed)?;
        return Ok(None);
    }
    let value = match schema {
        Schema::String(_) => Value::String(text(from)?),
        Schema::Boolean => Value::Bool(from.bool().map_err(malformed)?),
        Schema::Integer { .. } => Value::Int(i64::from(from.i32().map_err(malformed)?)),
        Schema::Long { .. } => Value::Int(from.i64().map_err(malformed)?),
        Schema::Double { .. } => Value::Float(number(from)?),
        Schema::Blob { .. } => Value::Blob(bytes(from)?),
        Schema::Timestamp(_) => Value::Timestamp(timestamp(from)?),
        Schema::List(list) => {
            let mut values = Vec::new();
            let length = from.array().map_err(malformed)?;
            while more(from, length, values.len())? {
                if let Some(value) = convert(list.member, from, depth + 1)? {
                    values.push(value);
                }
            }
            Value::List(values)
        }
        Schema::Map(map) => {
            let mut entries = Vec::new();
            let length = from.map().map_err(malformed)?;
            let mut seen = 0;
            while more(from, length, seen)? {
                seen += 1;
                let key = text(from)?;
                if let Some(value) = convert(map.value, from, depth + 1)? {
                    entries.push((key, value));
                }
            }
            Value::Map(entries)
        }
        Schema::Struct(structure) => {
            let mut members = Vec::new();
            let length = from.map().map_err(malformed)?;
            let mut seen = 0;
            while more(from, length, seen)? {
                seen += 1;
                let key = text(from)?;
                match structure.members.iter().position(|member| member.name == key) {
                    Some(index) => {
                        let member = structure.members[index].schema;
                        if let Some(value) = convert(member, from, depth + 1)? {
                            members.push((index, value));
                        }
                    }
                    None => from.skip().map_err(malformed)?,
                }
            }
            Value::Struct(members)
        }
    };
    Ok(Some(value))
}

/// Whether a collection of known `length`, or of one that ends with a break, goes on.
fn more(from: &mut Decoder<'_>, length: Option<u64>, seen: usize) -> Result<bool, ReadError> {
    match length {
        Some(length) => Ok((seen as u64) < length),
        None if from.datatype().map_err(malformed)? == Type::Break => {
            from.skip().map_err(malformed)?;
            Ok(false)
        }
        None => Ok(true),
    }
}

fn text(from: &mut Decoder<'_>) -> Result<String, ReadError> {
    let mut text = String::new();
    for part in from.str_iter().map_err(malformed)? {
        text.push_str(part.map_err(malformed)?);
    }
    Ok(text)
}

fn bytes(from: &mut Decoder<'_>) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    for part in from.bytes_iter().map_err(malformed)? {
        bytes.extend_from_slice(part.map_err(malformed)?);
    }
    Ok(bytes)
}

fn number(from: &mut Decoder<'_>) -> Result<f64, ReadError> {
    match from.datatype().map_err(malformed)? {
        Type::F16 => from.f16().map(f64::from).map_err(malformed),
        Type::F32 => from.f32().map(f64::from).map_err(malformed),
        Type::F64 => from.f64().map_err(malformed),
        _ => from.i64().map(|n| n as f64).map_err(malformed),
    }
}

fn timestamp(from: &mut Decoder<'_>) -> Result<Timestamp, ReadError> {
    if from.datatype().map_err(malformed)? == Type::Tag {
        let tag = from.tag().map_err(malformed)?;
        if tag != Tag::new(1) {
            return Err(ReadError::Malformed(format!("a timestamp has tag 1, not {tag}")));
        }
    }
    Ok(Timestamp((number(from)? * 1000.0).round() as i64))
}
