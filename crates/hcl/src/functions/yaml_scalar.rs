//! What a plain scalar of YAML stands for: as Terraform reads it, by the rules of YAML 1.1 where
//! those of 1.2 differ (`yes` is true).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use yaml_rust2::scanner::TScalarStyle;

use crate::{Number, Type, Value};

/// What stands for a merge key, which no text of a document can be.
pub(super) const MERGE: &str = "\0merge";

pub(super) fn resolve(text: &str, style: TScalarStyle, tag: Option<&str>) -> Result<Value, String> {
    if style != TScalarStyle::Plain && matches!(tag, Some("int" | "float" | "bool" | "null")) {
        return Ok(text.into());
    }
    match tag {
        Some("str") => return Ok(text.into()),
        Some("binary") => {
            let plain: String = text.split_whitespace().collect();
            STANDARD.decode(&plain).map_err(|_| "cannot parse as base64".to_owned())?;
            return Ok(plain.into());
        }
        Some("int" | "float") => {
            let value = number(text).ok_or_else(|| format!("cannot parse {text:?} as a number"))?;
            return Ok(value.into());
        }
        Some("bool") => {
            let value = truth(text).ok_or_else(|| format!("cannot parse {text:?} as a bool"))?;
            return Ok(value.into());
        }
        Some("null") => return Ok(Value::null(Type::Dynamic)),
        Some(other) if !other.is_empty() => return Err(format!("unsupported tag \"!{other}\"")),
        _ => {}
    }
    if style != TScalarStyle::Plain || tag.is_some() {
        return Ok(text.into());
    }
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::null(Type::Dynamic));
    }
    if text == "<<" {
        return Ok(MERGE.into());
    }
    if let Some(value) = truth(text) {
        return Ok(value.into());
    }
    let unsigned = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if matches!(unsigned.as_str(), ".nan" | ".inf") {
        return Err("a number that is not finite is not supported".into());
    }
    if let Some(value) = number(text) {
        return Ok(value.into());
    }
    if let Some(instant) = date(text) {
        return Ok(instant.into());
    }
    Ok(text.into())
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(false)
        }
        _ => None,
    }
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            let value = i64::from_str_radix(digits, base).ok()?;
            return Some(Number::from(if text.starts_with('-') { -value } else { value }));
        }
    }
    let begins = unsigned.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit());
    if !begins || unsigned.starts_with("..") { None } else { Number::parse(text) }
}

/// `2001-02-03`, with or without a time: an instant.
fn date(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        bytes.get(from..to).is_some_and(|b| b.iter().all(u8::is_ascii_digit))
    };
    if !(digits(0, 4)
        && bytes.get(4) == Some(&b'-')
        && digits(5, 7)
        && bytes.get(7) == Some(&b'-')
        && digits(8, 10))
    {
        return None;
    }
    match text.len() {
        10 => Some(format!("{text}T00:00:00Z")),
        20 if text.ends_with('Z') && bytes[10] == b'T' => Some(text.to_owned()),
        _ => None,
    }
}
