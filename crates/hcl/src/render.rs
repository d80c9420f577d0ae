//! A value as `terraform console` and `terraform output` show it.

use crate::value::Kind;
use crate::{Marks, Type, Value};

/// Over as many lines as it takes, without a newline at the end.
pub fn render(value: &Value) -> String {
    rendered(value, 0)
}

fn rendered(value: &Value, depth: usize) -> String {
    if value.marks().contains(Marks::SENSITIVE) {
        return "(sensitive value)".into();
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return "(ephemeral value)".into();
    }
    match value.kind() {
        Kind::Unknown(_) => "(known after apply)".into(),
        Kind::Null(ty) => null(ty),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(value) => value.to_string(),
        Kind::String(text) if value.marks().contains(Marks::BARE) => text.to_string(),
        Kind::String(text) => string(text, depth),
        Kind::List(_, elements) => format!("tolist({})", sequence(elements, depth)),
        Kind::Set(_, elements) => format!("toset({})", sequence(elements, depth)),
        Kind::Tuple(elements) => sequence(elements, depth),
        Kind::Map(..) => format!("tomap({})", mapping(value, depth)),
        Kind::Object(_) => mapping(value, depth),
    }
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "null".into(),
        Type::Bool | Type::Number | Type::String => format!("to{ty}(null)"),
        Type::List(element) => format!("tolist(null) /* of {} */", element.friendly()),
        Type::Set(element) => format!("toset(null) /* of {} */", element.friendly()),
        Type::Map(element) => format!("tomap(null) /* of {} */", element.friendly()),
        Type::Object(_) | Type::Tuple(_) => format!("null /* {} */", ty.friendly()),
    }
}

fn sequence(elements: &[Value], depth: usize) -> String {
    if elements.is_empty() {
        return "[]".into();
    }
    let indent = "  ".repeat(depth + 1);
    let lines = elements.iter().map(|value| format!("{indent}{},\n", rendered(value, depth + 1)));
    format!("[\n{}{}]", lines.collect::<String>(), "  ".repeat(depth))
}

fn mapping(value: &Value, depth: usize) -> String {
    let Some(entries) = value.entries().filter(|entries| !entries.is_empty()) else {
        return "{}".into();
    };
    let indent = "  ".repeat(depth + 1);
    let lines = entries.iter().map(|(name, value)| {
        format!("{indent}{} = {}\n", quoted(name), rendered(value, depth + 1))
    });
    format!("{{\n{}{}}}", lines.collect::<String>(), "  ".repeat(depth))
}

/// Over several lines where it has them, unless its only newline is its end.
fn string(text: &str, depth: usize) -> String {
    if !text.contains('\n') {
        return quoted(text);
    }
    let mut delimiter = "EOT".to_owned();
    while text.lines().any(|line| line.trim() == delimiter) {
        delimiter.push('_');
    }
    let (dash, indent) = if depth > 0 { ("-", "  ".repeat(depth)) } else { ("", String::new()) };
    let mut shown = format!("<<{dash}{delimiter}\n");
    for line in text.split('\n') {
        shown.push_str(&format!("{indent}{line}\n"));
    }
    shown.push_str(&indent);
    shown.push_str(&delimiter);
    shown
}

fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => shown.push_str("\\\""),
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '\u{7}' => shown.push_str("\\a"),
            '\u{8}' => shown.push_str("\\b"),
            '\u{b}' => shown.push_str("\\v"),
            '\u{c}' => shown.push_str("\\f"),
            c if c.is_ascii_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if !is_shown(c) && u32::from(c) > 0xffff => {
                shown.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c if !is_shown(c) => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

/// Whether a reader sees it: no blank but the common one, nothing that only directs.
fn is_shown(c: char) -> bool {
    if c.is_control() || c.is_whitespace() && c != ' ' {
        return false;
    }
    !matches!(u32::from(c),
        0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfeff | 0xfff9..=0xfffb | 0xfffe | 0xffff | 0xe0000..=0x10ffff)
}
