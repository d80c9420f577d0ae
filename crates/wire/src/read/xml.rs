//! The XML answers of the query protocol and of EC2, read by schema: the reverse
//! of [`write::query`](crate::write::query) and [`write::ec2`](crate::write::ec2).
//! What the schema does not know is passed over; an empty element is an empty
//! text, list, map or structure, and an absent number.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::Timestamp;

use super::element::Element;
use crate::error::ReadError;
use crate::operation::OperationModel;
use crate::schema::{ListSchema, MapSchema, Schema, StructSchema};
use crate::value::Value;

/// Reads the answer of a query operation, out of its result wrapper.
pub fn query_answer(model: &'static OperationModel, body: &[u8]) -> Result<Value, ReadError> {
    let Some(wrapper) = model.result_wrapper else { return Ok(Value::Struct(Vec::new())) };
    let root = Element::read(body)?;
    let Some(result) = root.child(wrapper) else {
        let message = format!("<{}> has no <{wrapper}>", root.name);
        return Err(ReadError::Malformed(message));
    };
    whole(model.output, result)
}

/// Reads the answer of an EC2 operation, whose members stand in the root.
pub fn ec2_answer(model: &'static OperationModel, body: &[u8]) -> Result<Value, ReadError> {
    whole(model.output, &Element::read(body)?)
}

fn whole(schema: &'static Schema, element: &Element) -> Result<Value, ReadError> {
    let value = convert(schema, element, &mut Vec::new())?;
    Ok(value.unwrap_or(Value::Struct(Vec::new())))
}

/// The value of an element; nothing where it is empty and its kind has no empty value.
fn convert(
    schema: &'static Schema,
    element: &Element,
    path: &mut Vec<String>,
) -> Result<Option<Value>, ReadError> {
    match schema {
        Schema::Struct(structure) => convert_struct(structure, element, path).map(Some),
        Schema::List(list) => items(list, element.children.iter(), path).map(Some),
        Schema::Map(map) => entries(map, element.all("entry"), path).map(Some),
        Schema::String(_) => Ok(Some(Value::String(element.text.clone()))),
        Schema::Blob { .. } if element.text.is_empty() => Ok(Some(Value::Blob(Vec::new()))),
        _ if element.text.trim().is_empty() => Ok(None),
        _ => scalar(schema, element.text.trim(), path).map(Some),
    }
}

fn convert_struct(
    structure: &'static StructSchema,
    element: &Element,
    path: &mut Vec<String>,
) -> Result<Value, ReadError> {
    let mut members = Vec::new();
    for (index, member) in structure.members.iter().enumerate() {
        path.push(member.name.to_owned());
        let value = match member.schema {
            Schema::List(list) if list.flattened => {
                let plain = list.member_name == "member";
                let name = if plain { member.name } else { list.member_name };
                let mut found = element.all(name).peekable();
                found.peek().is_some().then(|| items(list, found, path)).transpose()?
            }
            Schema::Map(map) if map.flattened => {
                let mut found = element.all(member.name).peekable();
                found.peek().is_some().then(|| entries(map, found, path)).transpose()?
            }
            schema => match element.child(member.name) {
                Some(child) => convert(schema, child, path)?,
                None => None,
            },
        };
        path.pop();
        members.extend(value.map(|value| (index, value)));
    }
    Ok(Value::Struct(members))
}

fn items<'a>(
    list: &'static ListSchema,
    elements: impl Iterator<Item = &'a Element>,
    path: &mut Vec<String>,
) -> Result<Value, ReadError> {
    let mut values = Vec::new();
    for (index, element) in elements.enumerate() {
        path.push((index + 1).to_string());
        values.extend(convert(list.member, element, path)?);
        path.pop();
    }
    Ok(Value::List(values))
}

fn entries<'a>(
    map: &'static MapSchema,
    elements: impl Iterator<Item = &'a Element>,
    path: &mut Vec<String>,
) -> Result<Value, ReadError> {
    let mut read = Vec::new();
    for element in elements {
        let Some(key) = element.text_of(map.key_name) else {
            let message = format!("{}: a map entry without {}", path.join("."), map.key_name);
            return Err(ReadError::Malformed(message));
        };
        path.push(key.to_owned());
        if let Some(value) = element.child(map.value_name) {
            read.extend(convert(map.value, value, path)?.map(|value| (key.to_owned(), value)));
        }
        path.pop();
    }
    Ok(Value::Map(read))
}

fn scalar(schema: &Schema, text: &str, path: &[String]) -> Result<Value, ReadError> {
    let (read, expected) = match schema {
        Schema::Integer { .. } | Schema::Long { .. } => {
            (text.parse().ok().map(Value::Int), "an integer")
        }
        Schema::Double { .. } => (text.parse().ok().map(Value::Float), "a number"),
        Schema::Boolean => (text.parse().ok().map(Value::Bool), "true or false"),
        Schema::Blob { .. } => (STANDARD.decode(text).ok().map(Value::Blob), "base64"),
        _ => (timestamp(text).map(Value::Timestamp), "a timestamp"),
    };
    read.ok_or_else(|| ReadError::Kind {
        path: path.join("."),
        expected,
        found: text.chars().take(64).collect(),
    })
}

fn timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::parse_iso8601(text)
        .or_else(|| Timestamp::parse_http_date(text))
        .or_else(|| Some(Timestamp((text.parse::<f64>().ok()? * 1000.0).round() as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Member;
    use expect_test::expect;

    static COUNT: Schema = Schema::Integer { min: None, max: None };
    static TIME: Schema = Schema::Timestamp(None);
    static LOOSE: Schema = list(true, "Loose");
    static NAMES: Schema = list(false, "member");
    static OUTPUT: Schema = Schema::Struct(StructSchema {
        name: "Output",
        members: &[
            member("count", &COUNT),
            member("at", &TIME),
            member("names", &NAMES),
            member("loose", &LOOSE),
        ],
    });
    static MODEL: OperationModel =
        OperationModel { name: "Do", input: &OUTPUT, output: &OUTPUT, result_wrapper: None };

    const fn list(flattened: bool, member_name: &'static str) -> Schema {
        Schema::List(ListSchema { member: &COUNT, member_name, flattened, min: None, max: None })
    }

    const fn member(name: &'static str, schema: &'static Schema) -> Member {
        Member { name, query_name: name, required: false, schema }
    }

    fn read(inner: &str) -> String {
        let body =
            format!("<DoResponse xmlns=\"urn:x\"><requestId>r</requestId>{inner}</DoResponse>");
        ec2_answer(&MODEL, body.as_bytes()).map_or_else(|e| e.to_string(), |v| format!("{v:?}"))
    }

    #[test]
    fn what_is_empty_strange_or_wrong() {
        let cases = [
            "",
            "<count/><at></at><names/>",
            "<names><member>1</member>\n <member>2</member></names><Loose>3</Loose><Loose>4</Loose>",
            "<at>1.5e3</at>",
            "<at>Fri, 02 Jan 2026 03:04:05 GMT</at>",
            "<a:count xmlns:a=\"urn:y\"> 7 </a:count><new>1</new>",
            "<names><member>x</member></names>",
            "<count>&what;</count>",
        ];
        let lines: Vec<String> = cases.iter().map(|case| read(case)).collect();
        expect![[r#"
            Struct([])
            Struct([(2, List([]))])
            Struct([(2, List([Int(1), Int(2)])), (3, List([Int(3), Int(4)]))])
            Struct([(1, Timestamp(Timestamp(1500000)))])
            Struct([(1, Timestamp(Timestamp(1767323045000)))])
            Struct([(0, Int(7))])
            names.1: expected an integer, found x
            XML has no entity &what;"#]]
        .assert_eq(&lines.join("\n"));
    }
}
