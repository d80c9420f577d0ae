//! JSON in texts: policies above all. AWS gives them back with other spaces and another
//! order; what means the same is kept as it was written.

use serde_json::Value as Json;

/// What to keep of a document that is known as `known` and that AWS has as `found`: what is known, if
/// it means the same; otherwise what is found, with its keys in order.
pub fn kept(known: Option<&str>, found: &str) -> String {
    match known {
        Some(known) if same(known, found) => known.to_owned(),
        _ => normal(found),
    }
}

/// The same, with what is found left as it is.
pub fn kept_or(known: Option<&str>, found: String) -> String {
    match known {
        Some(known) if same(known, &found) => known.to_owned(),
        _ => found,
    }
}

/// What IAM gives escaped as a part of a URL.
pub fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte =
            escape.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether two documents mean the same; texts that are no JSON have to be equal.
pub fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (serde_json::from_str::<Json>(a), serde_json::from_str::<Json>(b)) {
        (Ok(a), Ok(b)) => meant(a) == meant(b),
        _ => false,
    }
}

/// Without spaces, and with keys in order.
pub fn normal(document: &str) -> String {
    match serde_json::from_str::<Json>(document) {
        Ok(json) => json.to_string(),
        Err(_) => document.to_owned(),
    }
}

/// One text may stand for a list of it, in a policy, and lists of texts have no order; nor do
/// booleans and numbers differ from their texts.
fn meant(json: Json) -> Json {
    match json {
        Json::Array(items) => {
            let mut items: Vec<Json> = items.into_iter().map(meant).collect();
            if items.iter().all(Json::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                items.dedup();
            }
            match <[Json; 1]>::try_from(items) {
                Ok([one]) => one,
                Err(items) => Json::Array(items),
            }
        }
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(key, value)| (key, meant(value))).collect())
        }
        Json::Bool(truth) => Json::String(truth.to_string()),
        Json::Number(number) => Json::String(number.to_string()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same() {
        assert!(same(r#"{"a":["x","y"],"b":1}"#, r#"{ "b": "1", "a": ["y", "x"] }"#));
        assert!(same(r#"{"a":["x"]}"#, r#"{"a":"x"}"#));
        assert!(!same(r#"{"a":["x"]}"#, r#"{"a":"y"}"#));
        assert!(!same("{", "{}"));
        assert_eq!(kept(Some(r#"{ "a": 1 }"#), r#"{"a":1}"#), r#"{ "a": 1 }"#);
        assert_eq!(unescaped("%7B%22a%22%3A1%7D%"), "{\"a\":1}%");
        assert_eq!(kept(None, r#"{ "b": 1, "a": 2 }"#), r#"{"a":2,"b":1}"#);
    }
}
