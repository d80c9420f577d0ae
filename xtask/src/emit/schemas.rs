//! The static schemas.

use std::fmt::Write;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::{HEADER, Wanted, import};
use crate::model::target;

pub fn emit(wanted: &Wanted<'_>) -> Result<String> {
    let mut out = String::new();
    for name in &wanted.shapes {
        emit_shape(wanted, name, &mut out).with_context(|| name.clone())?;
    }
    for name in wanted.empty_shapes() {
        structure(name, &[], &mut out);
    }
    let names = [
        "ListSchema",
        "MapSchema",
        "Member",
        "Schema",
        "StringSchema",
        "StructSchema",
        "TimestampFormat",
    ];
    Ok(format!(
        "{HEADER}#![allow(non_upper_case_globals)] // the shapes' own names, so that they can be found\n\n{}{out}",
        import("neargate_wire", &names, &out)
    ))
}

fn emit_shape(wanted: &Wanted<'_>, name: &str, out: &mut String) -> Result<()> {
    let shape = wanted.model.shape(name)?;
    let kind = wanted.model.kind(name)?;
    let text = match kind {
        "structure" => {
            let members = members(wanted, name)?;
            structure(name, &members, out);
            return Ok(());
        }
        "string" | "character" => string(shape),
        "integer" | "short" => format!("Schema::Integer {{ {} }}", bounds(shape)),
        "long" | "bigdecimal" | "biginteger" => format!("Schema::Long {{ {} }}", bounds(shape)),
        "double" | "float" => format!("Schema::Double {{ {} }}", bounds(shape)),
        "boolean" => "Schema::Boolean".into(),
        "blob" => format!("Schema::Blob {{ {} }}", bounds(shape)),
        "timestamp" => format!("Schema::Timestamp({})", timestamp_format(shape)),
        "list" => list(shape)?,
        "map" => map(shape)?,
        other => anyhow::bail!("unknown kind {other}"),
    };
    let _ = writeln!(out, "pub static {name}: Schema = {text};");
    Ok(())
}

fn bounds(shape: &Map<String, Value>) -> String {
    let bound = |name: &str| {
        let number =
            shape.get(name).and_then(|b| b.as_i64().or_else(|| b.as_f64().map(|f| f as i64)));
        number.map_or("None".to_owned(), |n| format!("Some({n})"))
    };
    format!("min: {}, max: {}", bound("min"), bound("max"))
}

fn string(shape: &Map<String, Value>) -> String {
    let pattern = match shape.get("pattern").and_then(Value::as_str) {
        Some(pattern) => format!("Some({pattern:?})"),
        None => "None".into(),
    };
    let values: Vec<&str> = shape
        .get("enum")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    format!(
        "Schema::String(StringSchema {{ {}, pattern: {pattern}, enum_values: &{values:?} }})",
        bounds(shape)
    )
}

fn timestamp_format(reference: &Map<String, Value>) -> &'static str {
    match reference.get("timestampFormat").and_then(Value::as_str) {
        Some("iso8601") => "Some(TimestampFormat::Iso8601)",
        Some("unixTimestamp") => "Some(TimestampFormat::Unix)",
        Some("rfc822") => "Some(TimestampFormat::Rfc822)",
        _ => "None",
    }
}

fn part<'a>(shape: &'a Map<String, Value>, name: &str) -> Result<(String, &'a Map<String, Value>)> {
    let reference =
        shape.get(name).and_then(Value::as_object).with_context(|| format!("no {name}"))?;
    Ok((target(reference).context("no target")?, reference))
}

fn location<'a>(reference: &'a Map<String, Value>, default: &'a str) -> &'a str {
    reference.get("locationName").and_then(Value::as_str).unwrap_or(default)
}

fn flattened(shape: &Map<String, Value>) -> bool {
    shape.get("flattened").and_then(Value::as_bool).unwrap_or(false)
}

fn list(shape: &Map<String, Value>) -> Result<String> {
    let (member, reference) = part(shape, "member")?;
    Ok(format!(
        "Schema::List(ListSchema {{ member: &{member}, member_name: {:?}, flattened: {}, {} }})",
        location(reference, "member"),
        flattened(shape),
        bounds(shape)
    ))
}

fn map(shape: &Map<String, Value>) -> Result<String> {
    let (key, key_reference) = part(shape, "key")?;
    let (value, value_reference) = part(shape, "value")?;
    Ok(format!(
        "Schema::Map(MapSchema {{ key: &{key}, value: &{value}, key_name: {:?}, value_name: {:?}, flattened: {} }})",
        location(key_reference, "key"),
        location(value_reference, "value"),
        flattened(shape)
    ))
}

fn members(wanted: &Wanted<'_>, name: &str) -> Result<Vec<String>> {
    let required = wanted.model.required(name)?;
    let ec2 = wanted.model.meta("protocol") == Some("ec2");
    let mut out = Vec::new();
    for (member, reference) in wanted.model.members(name)? {
        let shape = target(&reference).context("no target")?;
        let wire_name = location(&reference, &member);
        let query_name = match reference.get("queryName").and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None if ec2 => capitalised(wire_name),
            None => wire_name.to_owned(),
        };
        let schema = match timestamp_format(&reference) {
            "None" => format!("&{shape}"),
            format => format!("&Schema::Timestamp({format})"),
        };
        out.push(format!(
            "Member {{ name: {wire_name:?}, query_name: {query_name:?}, required: {}, schema: {schema} }}",
            required.contains(&member)
        ));
    }
    Ok(out)
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

fn structure(name: &str, members: &[String], out: &mut String) {
    let _ = writeln!(
        out,
        "pub static {name}_M: [Member; {}] = [{}];\n\
         pub static {name}_S: StructSchema = StructSchema {{ name: {name:?}, members: &{name}_M }};\n\
         pub static {name}: Schema = Schema::Struct(StructSchema {{ name: {name:?}, members: &{name}_M }});",
        members.len(),
        members.join(",")
    );
}
