//! The order in which Terraform goes through a set: primitives by their value, all else by a text
//! that is made of the value; unknown values come last but for null.

use std::cmp::Ordering;
use std::fmt::Write;

use crate::value::Kind;
use crate::{Type, Value};

/// Brings elements into order and leaves each once. Unknown elements are all kept: nobody knows
/// whether they are the same.
pub(crate) fn order(element: &Type, elements: &mut Vec<Value>) {
    if element.is_primitive() {
        elements.sort_by(compare);
        elements.dedup_by(|a, b| a == b && a.is_known());
        return;
    }
    let mut keyed: Vec<(u8, String, Value)> =
        elements.drain(..).map(|value| (rank(&value), text_of(&value), value)).collect();
    keyed.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    keyed.dedup_by(|a, b| a.1 == b.1 && a.2 == b.2 && a.2.is_wholly_known());
    elements.extend(keyed.into_iter().map(|(_, _, value)| value));
}

fn rank(value: &Value) -> u8 {
    match value.kind() {
        Kind::Null(_) => 2,
        Kind::Unknown(_) => 1,
        _ => 0,
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a.kind(), b.kind()) {
        (Kind::String(a), Kind::String(b)) => a.cmp(b),
        (Kind::Number(a), Kind::Number(b)) => a.cmp(b),
        (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn text_of(value: &Value) -> String {
    let mut text = String::new();
    write_text(value, &mut text);
    text
}

fn write_text(value: &Value, text: &mut String) {
    match value.kind() {
        Kind::Unknown(_) => text.push('?'),
        Kind::Null(_) => text.push('~'),
        Kind::Bool(value) => text.push(if *value { 'T' } else { 'F' }),
        Kind::Number(number) => text.push_str(&number.rough()),
        Kind::String(string) => write_quoted(string, text),
        Kind::List(_, elements) | Kind::Set(_, elements) => {
            write_all('[', elements.iter(), ']', text);
        }
        Kind::Tuple(elements) => write_all('<', elements.iter(), '>', text),
        Kind::Object(attributes) => write_all('<', attributes.values(), '>', text),
        Kind::Map(_, entries) => {
            text.push('{');
            for (key, value) in entries.iter() {
                write_quoted(key, text);
                text.push(':');
                write_text(value, text);
                text.push(';');
            }
            text.push('}');
        }
    }
}

fn write_all<'a>(
    open: char,
    values: impl Iterator<Item = &'a Value>,
    close: char,
    text: &mut String,
) {
    text.push(open);
    for value in values {
        write_text(value, text);
        text.push(';');
    }
    text.push(close);
}

/// As Go quotes a string.
fn write_quoted(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                // Writing into a String cannot fail.
                let _ = write!(text, "\\x{:02x}", c as u32);
            }
            c => text.push(c),
        }
    }
    text.push('"');
}
