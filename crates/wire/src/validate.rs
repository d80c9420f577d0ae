//! The constraints that AWS's models state (required, length, range, pattern,
//! enum), checked on a decoded value. The texts are AWS's own, as all its
//! Smithy and Coral services say them.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, OnceLock};

use regex_lite::Regex;

use crate::schema::{ListSchema, MapSchema, Schema, StringSchema, StructSchema};
use crate::value::Value;

/// One broken constraint: where, what was there, and what must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// `containerDefinitions.1.member.name`, as AWS prints places.
    pub path: String,
    /// The value as AWS shows it, or `null`.
    pub value: Option<String>,
    /// `Member must not be null`, and its kind.
    pub constraint: String,
}

/// Checks `value` against `schema`: all violations, in the order of the members.
pub fn validate(schema: &'static Schema, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    walk(schema, value, &mut String::new(), &mut found);
    found
}

impl Violation {
    /// AWS's message for a set of violations: `2 validation errors detected: …`.
    pub fn message(violations: &[Violation]) -> String {
        let plural = if violations.len() == 1 { "" } else { "s" };
        let mut text = format!("{} validation error{plural} detected: ", violations.len());
        for (index, violation) in violations.iter().enumerate() {
            if index > 0 {
                text.push_str("; ");
            }
            let Violation { path, value, constraint } = violation;
            let shown = value.as_ref().map_or("null".to_owned(), |v| format!("'{v}'"));
            let _ = write!(
                text,
                "Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
            );
        }
        text
    }
}

fn walk(schema: &'static Schema, value: &Value, path: &mut String, found: &mut Vec<Violation>) {
    match (schema, value) {
        (Schema::Struct(schema), Value::Struct(_)) => walk_struct(schema, value, path, found),
        (Schema::List(schema), Value::List(values)) => walk_list(schema, values, path, found),
        (Schema::Map(schema), Value::Map(entries)) => walk_map(schema, entries, path, found),
        (Schema::String(schema), Value::String(text)) => check_string(schema, text, path, found),
        (Schema::Integer { min, max } | Schema::Long { min, max }, Value::Int(number)) => {
            check_range(*number as f64, number.to_string(), (*min, *max), path, found);
        }
        (Schema::Double { min, max }, Value::Float(number)) => {
            check_range(*number, number.to_string(), (*min, *max), path, found);
        }
        (Schema::Blob { min, max }, Value::Blob(bytes)) => {
            check_length(bytes.len(), (*min, *max), "java.nio.HeapByteBuffer", path, found);
        }
        _ => {}
    }
}

fn walk_struct(
    schema: &'static StructSchema,
    value: &Value,
    path: &mut String,
    found: &mut Vec<Violation>,
) {
    for (index, member) in schema.members.iter().enumerate() {
        let depth = path.len();
        push(path, member.name);
        match value.member(index) {
            Some(value) => walk(member.schema, value, path, found),
            None if member.required => found.push(Violation {
                path: path.clone(),
                value: None,
                constraint: "Member must not be null".into(),
            }),
            None => {}
        }
        path.truncate(depth);
    }
}

fn walk_list(
    schema: &'static ListSchema,
    values: &[Value],
    path: &mut String,
    found: &mut Vec<Violation>,
) {
    if out_of(values.len(), (schema.min, schema.max)) {
        check_length(values.len(), (schema.min, schema.max), "[]", path, found);
    }
    for (index, value) in values.iter().enumerate() {
        let depth = path.len();
        push(path, &format!("{}.member", index + 1));
        walk(schema.member, value, path, found);
        path.truncate(depth);
    }
}

fn walk_map(
    schema: &'static MapSchema,
    entries: &[(String, Value)],
    path: &mut String,
    found: &mut Vec<Violation>,
) {
    for (key, value) in entries {
        if let Schema::String(key_schema) = schema.key {
            check_string(key_schema, key, path, found);
        }
        let depth = path.len();
        push(path, key);
        push(path, "member");
        walk(schema.value, value, path, found);
        path.truncate(depth);
    }
}

fn push(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(part);
}

fn out_of(length: usize, (min, max): (Option<usize>, Option<usize>)) -> bool {
    min.is_some_and(|min| length < min) || max.is_some_and(|max| length > max)
}

fn check_length(
    length: usize,
    (min, max): (Option<usize>, Option<usize>),
    shown: &str,
    path: &str,
    found: &mut Vec<Violation>,
) {
    let mut refuse = |constraint: String| {
        found.push(Violation { path: path.to_owned(), value: Some(shown.to_owned()), constraint });
    };
    if let Some(min) = min.filter(|min| length < *min) {
        refuse(format!("Member must have length greater than or equal to {min}"));
    }
    if let Some(max) = max.filter(|max| length > *max) {
        refuse(format!("Member must have length less than or equal to {max}"));
    }
}

fn check_string(schema: &StringSchema, text: &str, path: &str, found: &mut Vec<Violation>) {
    let length = text.chars().count();
    let shown: String = text.chars().take(256).collect();
    check_length(length, (schema.min, schema.max), &shown, path, found);
    if !schema.enum_values.is_empty() && !schema.enum_values.contains(&text) {
        let constraint =
            format!("Member must satisfy enum value set: [{}]", schema.enum_values.join(", "));
        found.push(Violation { path: path.to_owned(), value: Some(shown.clone()), constraint });
    }
    if let Some(pattern) = schema.pattern
        && !matches(pattern, text)
    {
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        found.push(Violation { path: path.to_owned(), value: Some(shown), constraint });
    }
}

fn check_range(
    number: f64,
    shown: String,
    (min, max): (Option<i64>, Option<i64>),
    path: &str,
    found: &mut Vec<Violation>,
) {
    let mut refuse = |constraint: String| {
        found.push(Violation { path: path.to_owned(), value: Some(shown.clone()), constraint });
    };
    if let Some(min) = min.filter(|min| number < *min as f64) {
        refuse(format!("Member must have value greater than or equal to {min}"));
    }
    if let Some(max) = max.filter(|max| number > *max as f64) {
        refuse(format!("Member must have value less than or equal to {max}"));
    }
}

/// Whether all of `text` matches a model's pattern. Patterns are Java's; the few
/// that our engine cannot compile (look-around) hold for every text, and the
/// operation itself is the judge.
fn matches(pattern: &'static str, text: &str) -> bool {
    static COMPILED: OnceLock<Mutex<HashMap<&'static str, Option<Regex>>>> = OnceLock::new();
    let mut compiled = COMPILED
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let regex = compiled
        .entry(pattern)
        .or_insert_with(|| Regex::new(&format!(r"\A(?s:{})\z", portable(pattern))).ok());
    regex.as_ref().is_none_or(|regex| regex.is_match(text))
}

/// Java's Unicode classes in the forms that our engine has. AWS uses them only
/// inside brackets.
fn portable(pattern: &str) -> String {
    pattern
        .replace(r"\p{L}", r"a-zA-Z\x{80}-\x{10FFFF}")
        .replace(r"\p{Z}", r"\s")
        .replace(r"\p{N}", "0-9")
        .replace(r"\p{M}", r"\x{300}-\x{36F}")
        .replace(r"\p{P}", r"!-/:-@\[-`{-~")
        .replace(r"\p{S}", r"$+<=>^`|~")
        .replace(r"\p{Graph}", "!-~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Member;
    use expect_test::expect;

    static NAME: Schema = Schema::String(StringSchema {
        min: Some(2),
        max: Some(5),
        pattern: Some(r"[\p{L}\p{Z}\p{N}_-]*"),
        enum_values: &[],
    });
    static MODE: Schema = Schema::String(StringSchema {
        min: None,
        max: None,
        pattern: None,
        enum_values: &["ON", "OFF"],
    });
    static COUNT: Schema = Schema::Integer { min: Some(1), max: Some(10) };
    static NAMES: Schema = Schema::List(ListSchema {
        member: &NAME,
        member_name: "member",
        flattened: false,
        min: None,
        max: Some(2),
    });
    static INPUT: Schema = Schema::Struct(StructSchema {
        name: "Input",
        members: &[
            Member { name: "names", query_name: "names", required: true, schema: &NAMES },
            Member { name: "mode", query_name: "mode", required: false, schema: &MODE },
            Member { name: "count", query_name: "count", required: true, schema: &COUNT },
        ],
    });

    #[test]
    fn every_constraint_is_named_as_aws_names_it() {
        let names = ["ok", "x", "toolong", "a!"].map(|n| Value::String(n.into())).to_vec();
        let value = Value::Struct(vec![
            (0, Value::List(names)),
            (1, Value::String("AUTO".into())),
            (2, Value::Int(11)),
        ]);
        let lines: Vec<String> = validate(&INPUT, &value)
            .iter()
            .map(|v| Violation::message(std::slice::from_ref(v)))
            .collect();
        expect![[r#"
            1 validation error detected: Value '[]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 2
            1 validation error detected: Value 'x' at 'names.2.member' failed to satisfy constraint: Member must have length greater than or equal to 2
            1 validation error detected: Value 'toolong' at 'names.3.member' failed to satisfy constraint: Member must have length less than or equal to 5
            1 validation error detected: Value 'a!' at 'names.4.member' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_-]*
            1 validation error detected: Value 'AUTO' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: [ON, OFF]
            1 validation error detected: Value '11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10"#]]
        .assert_eq(&lines.join("\n"));
        assert_eq!(validate(&INPUT, &Value::Struct(vec![])).len(), 2);
    }
}
