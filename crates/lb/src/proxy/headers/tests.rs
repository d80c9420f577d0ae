//! Headers towards the target, by example.

use expect_test::{Expect, expect};

use super::*;
use crate::proxy::body::RequestBody;

fn hop(attributes: &Attributes, port: u16) -> Hop<'_> {
    Hop {
        attributes,
        client: "127.0.0.1:4711".parse().unwrap(),
        local: "127.0.9.1".parse().unwrap(),
        listener_port: port,
        tls: None,
    }
}

fn check(uri: &str, fields: &[(&str, &str)], hop: &Hop<'_>, expected: Expect) {
    let mut request = Request::builder().uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let mut request = request.body(RequestBody::Empty).unwrap();
    towards_target(&mut request, hop);
    let mut lines: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    lines.sort();
    expected.assert_eq(&lines.concat());
}

#[test]
fn hop_by_hop_fields_go() {
    check(
        "/",
        &[
            ("host", "a.example"),
            ("connection", "keep-alive, X-Secret"),
            ("keep-alive", "timeout=5"),
            ("x-secret", "1"),
            ("te", "trailers"),
            ("x-kept", "2"),
        ],
        &hop(&Attributes::default(), 80),
        expect![[r#"
            host: a.example
            x-forwarded-for: 127.0.0.1
            x-forwarded-port: 80
            x-forwarded-proto: http
            x-kept: 2
        "#]],
    );
}

#[test]
fn forwarded_for_modes() {
    let mut attributes = Attributes::default();
    let fields =
        [("host", "h"), ("x-forwarded-for", "127.0.0.4"), ("x-forwarded-for", "127.0.0.8")];
    let value = |attributes: &Attributes| {
        let mut request = Request::builder();
        for (name, value) in fields {
            request = request.header(name, value);
        }
        let mut request = request.body(RequestBody::Empty).unwrap();
        towards_target(&mut request, &hop(attributes, 80));
        let values = request.headers().get_all(X_FORWARDED_FOR).iter();
        values.map(|v| v.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(value(&attributes), "127.0.0.4, 127.0.0.8, 127.0.0.1");
    attributes.xff_client_port = true;
    assert_eq!(value(&attributes), "127.0.0.4, 127.0.0.8, 127.0.0.1:4711");
    attributes.xff_mode = XffMode::Preserve;
    assert_eq!(value(&attributes), "127.0.0.4 | 127.0.0.8");
    attributes.xff_mode = XffMode::Remove;
    assert_eq!(value(&attributes), "");
}

#[test]
fn hosts_as_in_the_table_of_the_guide() {
    let host = |uri: &str, given: Option<&str>, port, preserve| {
        let attributes = Attributes { preserve_host_header: preserve, ..Attributes::default() };
        let mut request = Request::builder().uri(uri);
        if let Some(given) = given {
            request = request.header("host", given);
        }
        let mut request = request.body(RequestBody::Empty).unwrap();
        towards_target(&mut request, &hop(&attributes, port));
        request.headers()["host"].to_str().unwrap().to_owned()
    };
    let example = Some("example.com");
    assert_eq!(host("/", example, 80, false), "example.com");
    assert_eq!(host("/", Some("example.com:80"), 80, false), "example.com");
    assert_eq!(host("/", Some("example.com:80"), 80, true), "example.com:80");
    assert_eq!(host("https://dns_name/i", example, 443, false), "dns_name");
    assert_eq!(host("https://dns_name/i", example, 443, true), "example.com");
    assert_eq!(host("/", example, 8080, false), "example.com:8080");
    assert_eq!(host("/", Some("example.com:8080"), 8080, false), "example.com:8080");
    assert_eq!(host("/", example, 8080, true), "example.com");
    assert_eq!(host("/", None, 80, false), "127.0.9.1");
    assert_eq!(host("/", Some("[::1]:80"), 80, false), "[::1]");
}

#[test]
fn names_that_are_not_valid() {
    let mut headers = HeaderMap::new();
    for name in ["x-good", "x_bad", "x.bad"] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static("1"));
    }
    drop_invalid(&mut headers);
    assert_eq!(headers.keys().map(|n| n.as_str()).collect::<Vec<_>>(), ["x-good"]);
}
