//! Text: case, trimming, splitting, joining, searching. Characters are what a reader takes for one
//! (grapheme clusters).

use unicode_segmentation::UnicodeSegmentation;

use super::{Call, Function, Outcome, Param, Wants};
use crate::Value;

const STR: Param = Param::new("str", Wants::String);
const STRINGS: Wants = Wants::List(&Wants::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("chomp", &[STR], Wants::String, chomp),
    Function::new("endswith", &[STR, Param::new("suffix", Wants::String)], Wants::Bool, |call| {
        Ok(call.text(0).ends_with(call.text(1)).into())
    }),
    Function::new("indent", &[Param::new("spaces", Wants::Number), STR], Wants::String, indent),
    Function::new("join", &[Param::new("separator", Wants::String)], Wants::String, join)
        .rest(Param::new("lists", STRINGS)),
    Function::new("lower", &[STR], Wants::String, |call| {
        Ok(call.text(0).chars().map(lower).collect::<String>().into())
    }),
    Function::new("split", &[Param::new("separator", Wants::String), STR], STRINGS, split),
    Function::new("startswith", &[STR, Param::new("prefix", Wants::String)], Wants::Bool, |call| {
        Ok(call.text(0).starts_with(call.text(1)).into())
    }),
    Function::new(
        "strcontains",
        &[STR, Param::new("substr", Wants::String)],
        Wants::Bool,
        |call| Ok(call.text(0).contains(call.text(1)).into()),
    ),
    Function::new("strrev", &[STR], Wants::String, |call| {
        Ok(call.text(0).graphemes(true).rev().collect::<String>().into())
    }),
    Function::new(
        "substr",
        &[STR, Param::new("offset", Wants::Number), Param::new("length", Wants::Number)],
        Wants::String,
        substr,
    ),
    Function::new("title", &[STR], Wants::String, title),
    Function::new("trim", &[STR, Param::new("cutset", Wants::String)], Wants::String, |call| {
        let cut: Vec<char> = call.text(1).chars().collect();
        Ok(call.text(0).trim_matches(&cut[..]).into())
    }),
    Function::new(
        "trimprefix",
        &[STR, Param::new("prefix", Wants::String)],
        Wants::String,
        |call| {
            let text = call.text(0);
            Ok(text.strip_prefix(call.text(1)).unwrap_or(text).into())
        },
    ),
    Function::new("trimspace", &[STR], Wants::String, |call| Ok(call.text(0).trim().into())),
    Function::new(
        "trimsuffix",
        &[STR, Param::new("suffix", Wants::String)],
        Wants::String,
        |call| {
            let text = call.text(0);
            Ok(text.strip_suffix(call.text(1)).unwrap_or(text).into())
        },
    ),
    Function::new("upper", &[STR], Wants::String, |call| {
        Ok(call.text(0).chars().map(upper).collect::<String>().into())
    }),
];

/// A character for a character: where the other case has several, the character stays.
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        // The only one that has several: a dot goes with it.
        _ if c == 'İ' => 'i',
        _ => c,
    }
}

fn chomp(call: &Call<'_>) -> Outcome {
    Ok(call.text(0).trim_end_matches(['\r', '\n']).into())
}

fn indent(call: &Call<'_>) -> Outcome {
    let spaces = call.whole(0, "")?;
    let text = call.text(1);
    let lines = text.matches('\n').count();
    let width = usize::try_from(spaces).unwrap_or(0);
    call.room_for(width.saturating_mul(lines).saturating_add(text.len()))?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))).into())
}

fn join(call: &Call<'_>) -> Outcome {
    if call.args.len() < 2 {
        return Err("at least one list is required".into());
    }
    let mut parts = Vec::new();
    let mut length = 0;
    for index in 1..call.args.len() {
        for (i, element) in call.elements(index).iter().enumerate() {
            let part = element.as_str().ok_or_else(|| {
                call.bad(index, format!("element {i} is null; cannot concatenate null values"))
            })?;
            length += part.len() + call.text(0).len();
            parts.push(part);
        }
        call.room_for(length)?;
    }
    Ok(parts.join(call.text(0)).into())
}

fn split(call: &Call<'_>) -> Outcome {
    let (separator, text) = (call.text(0), call.text(1));
    let parts: Vec<Value> = match separator {
        "" => text.chars().map(|c| Value::string(c.to_string())).collect(),
        _ => text.split(separator).map(Value::string).collect(),
    };
    call.spend(parts.len())?;
    Ok(Value::list(crate::Type::String, parts))
}

fn substr(call: &Call<'_>) -> Outcome {
    let (offset, length) = (call.whole(1, "")?, call.whole(2, "")?);
    let text = call.text(0);
    let characters: Vec<&str> = text.graphemes(true).collect();
    let count = characters.len() as i64;
    let start = if offset < 0 { offset.saturating_add(count) } else { offset };
    // Counted from the end, no length is all of the rest.
    let length = if offset < 0 && length == 0 { -1 } else { length };
    Ok(take(&characters, start, length))
}

fn take(characters: &[&str], start: i64, length: i64) -> Value {
    let start = usize::try_from(start).unwrap_or(0).min(characters.len());
    let rest = &characters[start..];
    let end = usize::try_from(length).unwrap_or(rest.len()).min(rest.len());
    rest[..end].concat().into()
}

fn title(call: &Call<'_>) -> Outcome {
    let mut titled = String::new();
    let mut before = ' ';
    for c in call.text(0).chars() {
        titled.push(if is_separator(before) { upper(c) } else { c });
        before = c;
    }
    Ok(titled.into())
}

/// What a word begins after.
fn is_separator(c: char) -> bool {
    if c.is_ascii() {
        return !(c.is_ascii_alphanumeric() || c == '_');
    }
    !c.is_alphanumeric() && c.is_whitespace()
}
