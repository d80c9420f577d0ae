//! The canonical form of a request, and what is signed of it.

use std::fmt::Write;

use http::request::Parts;
use ring::digest;

use crate::scope::CredentialScope;

/// The hexadecimal SHA-256 of `bytes`.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// What is signed of a request, in the one form that both sides make of it.
pub(crate) fn canonical_request(
    parts: &Parts,
    service: &str,
    signed_headers: &str,
    payload_hash: &str,
) -> String {
    let mut out = String::with_capacity(1024);
    out.push_str(parts.method.as_str());
    out.push('\n');
    if service == "s3" {
        out.push_str(parts.uri.path());
    } else {
        encode(&mut out, parts.uri.path(), true);
    }
    out.push('\n');
    out.push_str(&canonical_query(parts.uri.query().unwrap_or_default()));
    out.push('\n');
    for name in signed_headers.split(';') {
        out.push_str(name);
        let mut separator = ':';
        for value in parts.headers.get_all(name) {
            out.push(separator);
            collapse(&mut out, &String::from_utf8_lossy(value.as_bytes()));
            separator = ',';
        }
        if separator == ':' {
            out.push(':');
            // HTTP/2 has the host in the URI.
            let host = parts.uri.authority().filter(|_| name == "host");
            out.push_str(host.map_or("", |host| host.as_str()));
        }
        out.push('\n');
    }
    out.push('\n');
    out.push_str(signed_headers);
    out.push('\n');
    out.push_str(payload_hash);
    out
}

/// What the key signs: the canonical request's hash, with when and where it is good.
pub(crate) fn string_to_sign(date: &str, scope: &CredentialScope, canonical: &str) -> String {
    let CredentialScope { date: day, region, service, .. } = scope;
    let hash = sha256_hex(canonical.as_bytes());
    format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{hash}")
}

/// Without spaces at its ends, and with one where there are several.
fn collapse(out: &mut String, value: &str) {
    for (index, word) in value.split_ascii_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.replace('+', "%2B").as_bytes())
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| {
                let (mut n, mut v) = (String::new(), String::new());
                encode(&mut n, &name, false);
                encode(&mut v, &value, false);
                (n, v)
            })
            .collect();
    pairs.sort();
    pairs.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

fn encode(out: &mut String, text: &str, keep_slash: bool) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            b'/' if keep_slash => out.push('/'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// `text` as a part of a path or query: all but letters, digits and `-_.~` escaped.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode(&mut out, text, false);
    out
}
