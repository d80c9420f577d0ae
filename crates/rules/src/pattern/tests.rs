//! The documented examples of patterns, as tables.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::Pattern;

/// What AWS's guide shows of an EC2 instance.
fn instance() -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "111122223333",
        "time": "2017-12-22T18:43:48Z",
        "region": "us-west-1",
        "resources": [
            "arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0",
            "arn:aws:ec2:us-west-1:123456789012:instance/i-2",
        ],
        "detail": {
            "instance-id": "i-1234567890abcdef0",
            "state": "terminated",
            "c-count": 5,
            "x-limit": 301.8,
            "sourceIPAddress": "10.0.0.7",
            "address6": "2001:db8::7",
            "path": "dir/sub/file.PNG",
            "responseElements": null,
            "eventVersion": "",
            "flag": true,
            "none": [],
            "structure": { "inner": 1 },
            "containers": [
                { "name": "app", "lastStatus": "RUNNING" },
                { "name": "log", "lastStatus": "STOPPED", "exitCode": 0 },
            ],
        },
    })
}

fn check(pattern: Value, expected: bool) {
    let parsed =
        Pattern::parse(&pattern.to_string()).unwrap_or_else(|why| panic!("{pattern}: {why}"));
    assert_eq!(parsed.matches(&instance()), expected, "{pattern}");
}

/// `at` of the detail may be what `condition` says.
fn detail(at: &str, condition: Value) -> Value {
    json!({ "detail": { at: [condition] } })
}

#[test]
fn values_are_exact_and_a_list_offers_them() {
    check(json!({ "source": ["aws.ec2"], "detail": { "state": ["terminated"] } }), true);
    check(json!({ "source": ["aws.ec2", "aws.fargate"] }), true);
    check(json!({ "source": ["aws.fargate"] }), false);
    check(json!({ "source": ["AWS.EC2"] }), false);
    check(json!({ "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-2"] }), true);
    check(json!({ "resources": ["i-2"] }), false);
    check(detail("responseElements", json!(null)), true);
    check(detail("eventVersion", json!("")), true);
    check(detail("eventVersion", json!(null)), false);
    check(detail("flag", json!(true)), true);
    check(detail("c-count", json!(5.0)), true);
    check(detail("c-count", json!("5")), false);
    check(detail("absent", json!("x")), false);
    check(json!({ "detail": { "state": { "deeper": ["terminated"] } } }), false);
}

#[test]
fn strings_by_their_ends_their_case_and_wildcards() {
    check(json!({ "time": [{ "prefix": "2017-12-22" }] }), true);
    check(json!({ "time": [{ "prefix": "2018" }] }), false);
    check(detail("path", json!({ "suffix": ".PNG" })), true);
    check(detail("path", json!({ "suffix": ".png" })), false);
    check(detail("path", json!({ "suffix": { "equals-ignore-case": ".png" } })), true);
    check(json!({ "source": [{ "prefix": { "equals-ignore-case": "AWS." } }] }), true);
    check(detail("state", json!({ "equals-ignore-case": "TERMinated" })), true);
    check(detail("state", json!({ "equals-ignore-case": "TERM" })), false);
    check(detail("path", json!({ "wildcard": "dir/*.PNG" })), true);
    check(detail("path", json!({ "wildcard": "*/sub/*" })), true);
    check(detail("path", json!({ "wildcard": "dir/*/x/*.PNG" })), false);
    check(detail("path", json!({ "wildcard": "dir" })), false);
    check(detail("path", json!({ "wildcard": "dir/\\*" })), false);
    check(detail("c-count", json!({ "prefix": "5" })), false);
}

#[test]
fn anything_but_needs_the_field() {
    check(detail("state", json!({ "anything-but": "initializing" })), true);
    check(detail("state", json!({ "anything-but": "terminated" })), false);
    check(detail("state", json!({ "anything-but": ["stopped", "terminated"] })), false);
    check(detail("c-count", json!({ "anything-but": 123 })), true);
    check(detail("c-count", json!({ "anything-but": [5, 200] })), false);
    check(detail("state", json!({ "anything-but": { "prefix": "init" } })), true);
    check(detail("state", json!({ "anything-but": { "prefix": ["init", "term"] } })), false);
    check(detail("path", json!({ "anything-but": { "suffix": ".PNG" } })), false);
    check(
        detail("state", json!({ "anything-but": { "equals-ignore-case": ["TERMINATED"] } })),
        false,
    );
    check(detail("path", json!({ "anything-but": { "wildcard": "*/sub/*" } })), false);
    check(detail("absent", json!({ "anything-but": "x" })), false);
}

#[test]
fn numbers_by_their_range() {
    check(detail("c-count", json!({ "numeric": [">", 0, "<=", 5] })), true);
    check(detail("c-count", json!({ "numeric": [">", 0, "<", 5] })), false);
    check(detail("c-count", json!({ "numeric": ["<", 10] })), true);
    check(detail("x-limit", json!({ "numeric": ["=", 3.018e2] })), true);
    check(detail("state", json!({ "numeric": [">", 0] })), false);
}

#[test]
fn addresses_by_their_network() {
    check(detail("sourceIPAddress", json!({ "cidr": "10.0.0.0/24" })), true);
    check(detail("sourceIPAddress", json!({ "cidr": "10.0.1.0/24" })), false);
    check(detail("sourceIPAddress", json!({ "cidr": "0.0.0.0/0" })), true);
    check(detail("address6", json!({ "cidr": "2001:db8::/32" })), true);
    check(detail("address6", json!({ "cidr": "::/0" })), true);
    check(detail("address6", json!({ "cidr": "10.0.0.0/8" })), false);
    check(detail("state", json!({ "cidr": "0.0.0.0/0" })), false);
}

#[test]
fn existence_is_of_leaves() {
    check(detail("state", json!({ "exists": true })), true);
    check(detail("state", json!({ "exists": false })), false);
    check(detail("absent", json!({ "exists": false })), true);
    check(detail("absent", json!({ "exists": true })), false);
    check(detail("responseElements", json!({ "exists": true })), true);
    check(detail("structure", json!({ "exists": false })), true);
    check(detail("none", json!({ "exists": true })), false);
    check(json!({ "detail": { "absent": { "deeper": [{ "exists": false }] } } }), true);
    check(json!({ "detail": { "state": [{ "exists": false }, "terminated"] } }), true);
}

#[test]
fn one_branch_of_an_or_is_enough() {
    let either =
        |a: &str, b: &str| json!({ "$or": [{ "source": [a] }, { "detail": { "state": [b] } }] });
    check(either("aws.ec2", "x"), true);
    check(either("x", "terminated"), true);
    check(either("x", "y"), false);
    let within = json!({ "source": ["aws.ec2"], "detail": { "$or": [
        { "c-count": [{ "numeric": [">", 5] }] }, { "state": ["terminated"] } ] } });
    check(within, true);
    // With one branch it is a field that is called so.
    check(json!({ "$or": [{ "exists": false }] }), true);
}

#[test]
fn the_members_of_one_item_match_together() {
    let container = |name: &str, status: &str| json!({ "detail": { "containers": { "name": [name], "lastStatus": [status] } } });
    check(container("app", "RUNNING"), true);
    check(container("app", "STOPPED"), false);
    // What must not be there must be in none of them.
    let absent =
        |name: &str| json!({ "detail": { "containers": { name: [{ "exists": false }] } } });
    check(absent("reason"), true);
    check(absent("exitCode"), false);
}

fn refused(pattern: &str, expected: Expect) {
    expected.assert_eq(&Pattern::parse(pattern).unwrap_err().to_string());
}

#[test]
fn refusals_are_aws_s() {
    let reason = "Event pattern is not valid. Reason: ";
    refused("[]", expect!["Event pattern is not valid. Reason: Filter is not an object"]);
    refused("{", expect!["Event pattern is not valid. Reason: Invalid JSON"]);
    refused("{}", expect!["Event pattern is not valid. Reason: Empty objects are not allowed"]);
    refused(
        r#"{"detail": {"slug": "x"}}"#,
        expect![[r#"Event pattern is not valid. Reason: "slug" must be an object or an array"#]],
    );
    for (pattern, why) in [
        (r#"{"a": []}"#, "Empty arrays are not allowed"),
        (r#"{"a": [["x"]]}"#, "Match value must be String, number, true, false, or null"),
        (r#"{"a": [{"begins": "x"}]}"#, "Unrecognized match type begins"),
        (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "Only one key allowed in match expression"),
        (r#"{"a": [{"suffix": ["x"]}]}"#, "suffix match pattern must be a string"),
        (r#"{"a": [{"exists": "yes"}]}"#, "exists match pattern must be either true or false."),
        (r#"{"a": [{"numeric": ["<>", 5]}]}"#, "Unrecognized numeric range operator: <>"),
        (r#"{"a": [{"numeric": ["<", "5"]}]}"#, "Value of < must be numeric"),
        (r#"{"a": [{"numeric": [">", 5, "<", 5]}]}"#, "Bottom must be less than top"),
        (r#"{"a": [{"numeric": ["<", 5, "<", 6]}]}"#, "Too many terms in numeric range expression"),
        (r#"{"a": [{"cidr": "10.0.0.0"}]}"#, "Malformed CIDR, one '/' required"),
        (r#"{"a": [{"cidr": "10.0.0/8"}]}"#, "Nonstandard IP address: 10.0.0"),
        (r#"{"a": [{"wildcard": "a**b"}]}"#, "Consecutive wildcard characters at pos 1"),
        (
            r#"{"a": [{"anything-but": {"numeric": 5}}]}"#,
            "Unsupported anything-but pattern: numeric",
        ),
        (
            r#"{"a": [{"anything-but": [1, "x"]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        ),
    ] {
        let message = Pattern::parse(pattern).unwrap_err().to_string();
        assert_eq!(message, format!("{reason}{why}"), "{pattern}");
    }
}

#[test]
fn what_a_pattern_is_bound_to_is_known() {
    let pattern =
        Pattern::parse(r#"{"source": ["aws.ecs", "aws.ecr"], "region": [{"prefix": "us-"}]}"#);
    let pattern = pattern.unwrap();
    assert_eq!(pattern.exact_values("source"), Some(vec!["aws.ecs", "aws.ecr"]));
    assert_eq!(pattern.exact_values("region"), None);
    assert_eq!(pattern.exact_values("detail-type"), None);
}
