//! Values as JSON, as `jsonencode` and Terraform's state write them, and back.

use std::fmt::Write;

use serde_json::Value as Json;

use crate::convert::{ConversionError, convert};
use crate::value::Kind;
use crate::{Number, Type, Value};

/// None if something in it is unknown. Marks are left out.
pub fn encode(value: &Value) -> Option<String> {
    let mut text = String::new();
    write(value, &mut text)?;
    Some(text)
}

fn write(value: &Value, text: &mut String) -> Option<()> {
    match value.kind() {
        Kind::Unknown(_) => return None,
        Kind::Null(_) => text.push_str("null"),
        Kind::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => text.push_str(&number.to_string()),
        Kind::String(string) => quote(string, text),
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            text.push('[');
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write(element, text)?;
            }
            text.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            text.push('{');
            for (i, (name, value)) in entries.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                quote(name, text);
                text.push(':');
                write(value, text)?;
            }
            text.push('}');
        }
    }
    Some(())
}

/// With `<`, `>`, `&` and the two line separators escaped, as Terraform does.
fn quote(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing into a String cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// Objects and tuples of a text, whose numbers keep all of their digits; the error says where it is
/// none.
pub fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.blanks();
    if reader.at < text.len() {
        return Err(reader.error("there is something after the value"));
    }
    Ok(value)
}

/// How deep a text may nest.
const MAX_DEPTH: usize = 100;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn error(&self, why: &str) -> String {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("line {line}, column {column}: {why}")
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.text[self.at..].starts_with(wanted);
        self.at += if found { wanted.len() } else { 0 };
        found
    }

    fn value(&mut self) -> Result<Value, String> {
        self.blanks();
        match self.text.as_bytes().get(self.at) {
            None => Err(self.error("a value is missing at the end")),
            Some(b'{') => self.nested(|reader| reader.object()),
            Some(b'[') => self.nested(|reader| reader.array()),
            Some(b'"') => Ok(Value::string(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("null") => Ok(Value::null(Type::Dynamic)),
            _ if self.take("true") => Ok(Value::bool(true)),
            _ if self.take("false") => Ok(Value::bool(false)),
            Some(_) => Err(self.error("a value is expected here")),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, String>,
    ) -> Result<Value, String> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(&format!("more than {MAX_DEPTH} levels deep")));
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut entries = std::collections::BTreeMap::new();
        self.blanks();
        if self.take("}") {
            return Ok(Value::object(entries));
        }
        loop {
            self.blanks();
            if !self.text[self.at..].starts_with('"') {
                return Err(self.error("a name in quotes is expected here"));
            }
            let name = self.string()?;
            self.blanks();
            if !self.take(":") {
                return Err(self.error("a colon is expected here"));
            }
            entries.insert(name, self.value()?);
            self.blanks();
            if self.take("}") {
                return Ok(Value::object(entries));
            }
            if !self.take(",") {
                return Err(self.error("a comma or } is expected here"));
            }
        }
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut elements = Vec::new();
        self.blanks();
        if self.take("]") {
            return Ok(Value::tuple(elements));
        }
        loop {
            elements.push(self.value()?);
            self.blanks();
            if self.take("]") {
                return Ok(Value::tuple(elements));
            }
            if !self.take(",") {
                return Err(self.error("a comma or ] is expected here"));
            }
        }
    }

    /// Up to its closing quote; what escapes mean is serde_json's to say.
    fn string(&mut self) -> Result<String, String> {
        let rest = &self.text[self.at..];
        let mut escaped = false;
        for (i, byte) in rest.bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    let parsed = serde_json::from_str(&rest[..=i]);
                    let string = parsed.map_err(|_| self.error("this is no string of JSON"))?;
                    self.at += i + 1;
                    return Ok(string);
                }
                _ => {}
            }
        }
        Err(self.error("this string does not end"))
    }

    fn number(&mut self) -> Result<Value, String> {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let digits = &rest[..length];
        let strict = serde_json::from_str::<&serde_json::value::RawValue>(digits).is_ok();
        let number = Number::parse(digits).filter(|_| strict);
        let number = number.ok_or_else(|| self.error("this is no number of JSON"))?;
        self.at += length;
        Ok(Value::number(number))
    }
}

/// As serde_json has it, for whoever writes a larger document: numbers keep all of their digits
/// only where they fit into i64, u64 or f64. None if something in it is unknown.
pub fn to_json(value: &Value) -> Option<Json> {
    Some(match value.kind() {
        Kind::Unknown(_) => return None,
        Kind::Null(_) => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => serde_json::from_str(&number.to_string()).ok()?,
        Kind::String(string) => Json::String(string.to_string()),
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            Json::Array(elements.iter().map(to_json).collect::<Option<_>>()?)
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| Some((name.clone(), to_json(value)?)));
            Json::Object(entries.collect::<Option<_>>()?)
        }
    })
}

/// Objects and tuples of what JSON says.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => {
            let number = Number::parse(&number.to_string());
            number.map(Value::number).unwrap_or(Value::null(Type::Number))
        }
        Json::String(string) => Value::string(string.as_str()),
        Json::Array(elements) => Value::tuple(elements.iter().map(from_json)),
        Json::Object(entries) => {
            Value::object(entries.iter().map(|(name, value)| (name.as_str(), from_json(value))))
        }
    }
}

/// A value of `ty`, as the state keeps it.
pub fn from_json_as(json: &Json, ty: &Type) -> Result<Value, ConversionError> {
    convert(&from_json(json), ty)
}

/// A type as the state and provider schemas write it: `["list","string"]`.
pub fn type_to_json(ty: &Type) -> Json {
    match ty {
        Type::Dynamic => "dynamic".into(),
        Type::Bool => "bool".into(),
        Type::Number => "number".into(),
        Type::String => "string".into(),
        Type::List(element) => Json::Array(vec!["list".into(), type_to_json(element)]),
        Type::Set(element) => Json::Array(vec!["set".into(), type_to_json(element)]),
        Type::Map(element) => Json::Array(vec!["map".into(), type_to_json(element)]),
        Type::Tuple(elements) => Json::Array(vec![
            "tuple".into(),
            Json::Array(elements.iter().map(type_to_json).collect()),
        ]),
        Type::Object(attributes) => {
            let types = attributes.iter().map(|(name, a)| (name.clone(), type_to_json(&a.ty)));
            Json::Array(vec!["object".into(), Json::Object(types.collect())])
        }
    }
}

/// The reverse of `type_to_json`; None if it is none.
pub fn type_from_json(json: &Json) -> Option<Type> {
    match json {
        Json::String(name) => match name.as_str() {
            "dynamic" => Some(Type::Dynamic),
            "bool" => Some(Type::Bool),
            "number" => Some(Type::Number),
            "string" => Some(Type::String),
            _ => None,
        },
        Json::Array(parts) => match (parts.first()?.as_str()?, parts.get(1)?) {
            ("list", element) => Some(Type::list(type_from_json(element)?)),
            ("set", element) => Some(Type::set(type_from_json(element)?)),
            ("map", element) => Some(Type::map(type_from_json(element)?)),
            ("tuple", Json::Array(elements)) => {
                let types = elements.iter().map(type_from_json).collect::<Option<Vec<_>>>()?;
                Some(Type::tuple(types))
            }
            ("object", Json::Object(attributes)) => {
                let typed = attributes.iter().map(|(n, ty)| Some((n.clone(), type_from_json(ty)?)));
                Some(Type::object(typed.collect::<Option<Vec<_>>>()?))
            }
            _ => None,
        },
        _ => None,
    }
}
