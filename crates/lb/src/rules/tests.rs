//! Conditions by example.

use expect_test::{Expect, expect};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn request<'a>(url: &'a str, headers: &'a HeaderMap) -> RequestView<'a> {
    let (host, rest) = url.split_at(url.find('/').unwrap());
    let (path, query) = rest.split_once('?').map_or((rest, None), |(p, q)| (p, Some(q)));
    let source = "192.0.2.7".parse().unwrap();
    RequestView { method: "GET", host, path, query, headers, source }
}

/// Which of the conditions hold for `host/path?query` with the headers.
fn check(url: &str, headers: &[(&str, &str)], conditions: &[Condition], expected: Expect) {
    let headers: HeaderMap = headers
        .iter()
        .map(|(n, v)| {
            (HeaderName::from_bytes(n.as_bytes()).unwrap(), HeaderValue::from_str(v).unwrap())
        })
        .collect();
    let request = request(url, &headers);
    let lines = conditions.iter().map(|c| format!("{} {c:?}\n", Test::new(c).holds(&request)));
    expected.assert_eq(&lines.collect::<String>());
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|v| v.to_string()).collect()
}

fn pair(key: Option<&str>, value: &str) -> QueryPair {
    QueryPair { key: key.map(str::to_owned), value: value.to_owned() }
}

#[test]
fn paths_and_hosts() {
    check(
        "API.example.com/img/a?x=/y",
        &[],
        &[
            Condition::PathPattern(strings(&["/img/*"])),
            Condition::PathPattern(strings(&["/Img/*", "/?mg/?"])),
            Condition::PathPattern(strings(&["*y"])),
            Condition::HostHeader(strings(&["*.EXAMPLE.com"])),
            Condition::HostHeader(strings(&["example.com"])),
            Condition::HttpRequestMethod(strings(&["POST", "GET"])),
            Condition::HttpRequestMethod(strings(&["get"])),
        ],
        expect![[r#"
            true PathPattern(["/img/*"])
            true PathPattern(["/Img/*", "/?mg/?"])
            false PathPattern(["*y"])
            true HostHeader(["*.EXAMPLE.com"])
            false HostHeader(["example.com"])
            true HttpRequestMethod(["POST", "GET"])
            false HttpRequestMethod(["get"])
        "#]],
    );
}

#[test]
fn headers_and_queries() {
    let header = |name: &str, value: &str| Condition::HttpHeader {
        name: name.into(),
        values: strings(&[value]),
    };
    check(
        "h/p?Version=V1&flag&name=an-example-x",
        &[("user-agent", "Mozilla Chrome/1"), ("x-a", "one"), ("x-a", "two")],
        &[
            header("User-Agent", "*chrome*"),
            header("X-A", "TWO"),
            header("X-B", "*"),
            header("not a name", "*"),
            Condition::QueryString(vec![pair(Some("version"), "v1")]),
            Condition::QueryString(vec![pair(None, "*example*")]),
            Condition::QueryString(vec![pair(Some("flag"), "")]),
            Condition::QueryString(vec![pair(Some("version"), "v2")]),
        ],
        expect![[r#"
            true HttpHeader { name: "User-Agent", values: ["*chrome*"] }
            true HttpHeader { name: "X-A", values: ["TWO"] }
            false HttpHeader { name: "X-B", values: ["*"] }
            false HttpHeader { name: "not a name", values: ["*"] }
            true QueryString([QueryPair { key: Some("version"), value: "v1" }])
            true QueryString([QueryPair { key: None, value: "*example*" }])
            true QueryString([QueryPair { key: Some("flag"), value: "" }])
            false QueryString([QueryPair { key: Some("version"), value: "v2" }])
        "#]],
    );
}

#[test]
fn sources() {
    let holds = |block: &str, address: &str| {
        block.parse::<Cidr>().unwrap().contains(address.parse().unwrap())
    };
    assert!(holds("192.0.2.0/24", "192.0.2.255"));
    assert!(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
    assert!(!holds("192.0.2.0/24", "192.0.3.0"));
    assert!(holds("0.0.0.0/0", "8.8.8.8"));
    assert!(!holds("0.0.0.0/0", "::1"));
    assert!(holds("2001:db8::/32", "2001:db8:1::1"));
    assert!(holds("::/0", "::1"));
    assert!("192.0.2.0/33".parse::<Cidr>().is_err());
    assert!("192.0.2.0".parse::<Cidr>().is_err());
}

#[test]
fn the_lowest_priority_wins_and_an_empty_rule_matches_all() {
    let headers = HeaderMap::new();
    let rules: Vec<(u32, Vec<Test>)> = vec![
        (1, vec![Test::new(&Condition::PathPattern(strings(&["/a"])))]),
        (5, vec![Test::new(&Condition::PathPattern(strings(&["/*"])))]),
        (9, vec![]),
    ];
    let priority = |url: &str| {
        let (rule, seen) = first_match(&rules, |r| &r.1, &request(url, &headers));
        (rule.map(|r| r.0), seen)
    };
    assert_eq!(priority("h/a"), (Some(1), 1));
    assert_eq!(priority("h/b"), (Some(5), 2));
}
