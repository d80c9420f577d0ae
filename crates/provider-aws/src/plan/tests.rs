//! Changes of one attribute, as Terraform's provider plans them. tests/e2e/perturbed.py compares all
//! of them with Terraform's; here is one of each kind.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use neargate_hcl::Value;
use neargate_hcl::json::{from_json_as, to_json};
use neargate_stack::address::Mode;
use neargate_stack::plan::proposed::proposed;
use neargate_stack::provider::{Object, PlanRequest};
use neargate_stack::schema::{BlockSchema, aws};
use serde_json::{Value as Json, json};

use crate::resources;

/// What is planned of what is at a path where there is `before` and the configuration says `config`, and
/// whether that is a change.
fn check(of_type: &str, shown: &str, before: &Json, config: &Json, expected: Expect) {
    let schema = aws().get(Mode::Managed, of_type).expect("a type of AWS's");
    let value = |json: &Json| {
        let json = whole(&schema.block, json);
        from_json_as(&json, &schema.block.ty()).expect("of the schema's type")
    };
    let (before, config) = (value(before), value(config));
    let request = PlanRequest {
        proposed: proposed(&schema.block, Some(&before), &config),
        prior: Some(Object::new(before.clone())),
        config,
    };
    let facts = resources::find(of_type).expect("a resource").facts();
    let planned = super::plan(&schema, facts, &BTreeMap::new(), request);
    let path: Vec<&str> = shown.split('.').collect();
    let (old, new) = (super::found(&before, &path), super::found(&planned.value, &path));
    let told = |value: &&Value| match value.is_known() {
        true => to_json(value).expect("it is known").to_string(),
        false => "unknown".to_owned(),
    };
    let told = new.iter().map(told).collect::<Vec<_>>().join(", ");
    let change = match (planned.replace.is_empty(), old == new) {
        (false, _) => "another object",
        (true, false) => "changed",
        (true, true) => "as before",
    };
    expected.assert_eq(&format!("{told}: {change}"));
}

/// With all that a block has and is not given.
fn whole(block: &BlockSchema, given: &Json) -> Json {
    let mut whole = to_json(&block.empty()).expect("nothing is unknown in it");
    for (name, value) in given.as_object().expect("an object") {
        whole[name] = match (block.blocks.get(name), value) {
            (Some(nested), Json::Array(elements)) => {
                elements.iter().map(|element| self::whole(&nested.block, element)).collect()
            }
            (Some(nested), Json::Object(_)) => self::whole(&nested.block, value),
            _ => value.clone(),
        };
    }
    whole
}

#[test]
fn a_block_that_is_taken_away_says_what_it_says_by_default() {
    let scanned = |scans: bool| {
        json!({ "name": "app", "image_tag_mutability": "MUTABLE",
            "image_scanning_configuration": [{ "scan_on_push": scans }] })
    };
    let config = json!({ "name": "app" });
    let shown = "image_scanning_configuration";
    check(
        "aws_ecr_repository",
        shown,
        &scanned(true),
        &config,
        expect![[r#"[{"scan_on_push":null}]: changed"#]],
    );
    check(
        "aws_ecr_repository",
        shown,
        &scanned(false),
        &config,
        expect![[r#"[{"scan_on_push":false}]: as before"#]],
    );
}

#[test]
fn another_object_is_made_for_a_default_that_cannot_be_changed_to() {
    let encrypted = |how: &str| {
        json!({ "name": "app", "image_tag_mutability": "MUTABLE",
            "encryption_configuration": [{ "encryption_type": how, "kms_key": "key" }] })
    };
    let config = json!({ "name": "app" });
    let shown = "encryption_configuration";
    check(
        "aws_ecr_repository",
        shown,
        &encrypted("KMS"),
        &config,
        expect!["unknown: another object"],
    );
    check(
        "aws_ecr_repository",
        shown,
        &encrypted("AES256"),
        &config,
        expect![[r#"[{"encryption_type":"AES256","kms_key":"key"}]: as before"#]],
    );
}

#[test]
fn a_block_in_a_block_is_taken_away_too() {
    let action = |stickiness: Json| {
        json!([{ "type": "forward", "order": 1, "forward": [{
            "target_group": [{ "arn": "arn", "weight": 1 }], "stickiness": stickiness }] }])
    };
    let listener = |action: Json| json!({ "load_balancer_arn": "arn", "port": 80, "protocol": "HTTP", "default_action": action });
    let config = listener(action(json!([])));
    let sticky = listener(action(json!([{ "duration": 600, "enabled": true }])));
    let shown = "default_action.forward.stickiness";
    check(
        "aws_lb_listener",
        shown,
        &sticky,
        &config,
        expect![[r#"[{"duration":null,"enabled":false}]: changed"#]],
    );
    let of_aws = listener(action(json!([{ "duration": 0, "enabled": false }])));
    check(
        "aws_lb_listener",
        shown,
        &of_aws,
        &config,
        expect![[r#"[{"duration":0,"enabled":false}]: as before"#]],
    );
}

#[test]
fn what_is_said_of_something_that_is_off_is_no_change() {
    let group = |port: i64, protocol: &str| {
        json!({ "type": "ingress", "security_group_id": "sg-1", "self": true,
            "protocol": protocol, "from_port": port, "to_port": 0 })
    };
    let of_type = "aws_security_group_rule";
    check(of_type, "from_port", &group(0, "-1"), &group(1, "all"), expect!["0: as before"]);
    check(of_type, "from_port", &group(0, "tcp"), &group(1, "tcp"), expect!["1: another object"]);
    let balancer = |bucket: &str, enabled: bool| {
        let logs = json!([{ "bucket": bucket, "enabled": enabled, "prefix": "" }]);
        json!({ "name": "web", "load_balancer_type": "application", "access_logs": logs })
    };
    let off = balancer("", false);
    check(
        "aws_lb",
        "access_logs",
        &off,
        &balancer("logs", false),
        expect![[r#"[{"bucket":"","enabled":false,"prefix":""}]: as before"#]],
    );
    check(
        "aws_lb",
        "access_logs",
        &off,
        &balancer("logs", true),
        expect![[r#"[{"bucket":"logs","enabled":true,"prefix":""}]: changed"#]],
    );
}

#[test]
fn timeouts_wait_for_the_next_change() {
    let route = |gateway: &str| {
        json!({ "route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0",
            "gateway_id": gateway })
    };
    let mut before = route("igw-1");
    before["timeouts"] = json!({ "create": "5m" });
    check(
        "aws_route",
        "timeouts",
        &before,
        &route("igw-1"),
        expect![[r#"{"create":"5m","delete":null,"update":null}: as before"#]],
    );
    check("aws_route", "timeouts", &before, &route("igw-2"), expect!["null: changed"]);
}

#[test]
fn a_prefix_that_is_not_given_any_more_is_gone() {
    let lifecycle = |filter: Json| {
        json!({ "bucket": "logs", "expected_bucket_owner": "", "rule": [{ "id": "old", "status": "Enabled", "filter": [filter] }],
            "transition_default_minimum_object_size": "all_storage_classes_128K" })
    };
    let of_type = "aws_s3_bucket_lifecycle_configuration";
    let before = lifecycle(json!({ "prefix": "old/" }));
    check(of_type, "rule.filter.prefix", &before, &lifecycle(json!({})), expect!["null: changed"]);
}
