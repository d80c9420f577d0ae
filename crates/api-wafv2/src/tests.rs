//! Whole answers of the operations, on a cloud in memory.

use expect_test::expect;
use neargate_api::Ctx;
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::service;

async fn call(ctx: &Ctx, operation: &str, input: Value) -> String {
    let answer = testkit::call(ctx, &service(), operation, input).await;
    answer.unwrap_or_else(|error| error.to_string())
}

fn seen() -> Value {
    json!({ "CloudWatchMetricsEnabled": false, "MetricName": "m", "SampledRequestsEnabled": false })
}

/// A rule that blocks what meets `statement`.
fn rule(name: &str, priority: i32, statement: Value) -> Value {
    json!({ "Name": name, "Priority": priority, "Action": { "Block": {} },
        "Statement": statement, "VisibilityConfig": seen() })
}

fn path(text: &str) -> Value {
    json!({ "ByteMatchStatement": {
        "SearchString": text, "PositionalConstraint": "STARTS_WITH",
        "FieldToMatch": { "UriPath": {} },
        "TextTransformations": [{ "Priority": 0, "Type": "LOWERCASE" }] } })
}

async fn create(ctx: &Ctx, rules: Value) -> String {
    let input = json!({ "Name": "acl", "Scope": "REGIONAL", "DefaultAction": { "Allow": {} },
        "Rules": rules, "VisibilityConfig": seen() });
    call(ctx, "CreateWebACL", input).await
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service().unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_web_acl_changes_only_for_who_has_seen_it() {
    let ctx = testkit::ctx();
    let made = create(&ctx, json!([rule("admin", 1, path("L2FkbWlu"))])).await;
    expect![[r#"
        {
          "Summary": {
            "ARN": "arn:aws:wafv2:us-west-2:000000000000:regional/webacl/acl/b3f2af6d-0fc7-40c5-853b-559647364cea",
            "Description": "",
            "Id": "b3f2af6d-0fc7-40c5-853b-559647364cea",
            "LockToken": "92f89756-082a-4514-a42e-1c7bc266a3a7",
            "Name": "acl"
          }
        }
    "#]]
    .assert_eq(&made);
    let id = testkit::text(&made, "Id");
    let of =
        |token: &str| json!({ "Name": "acl", "Scope": "REGIONAL", "Id": id, "LockToken": token });
    let stale = call(&ctx, "DeleteWebACL", of("00000000-0000-4000-8000-000000000000")).await;
    assert!(stale.starts_with("WAFOptimisticLockException"), "{stale}");
    let shown =
        call(&ctx, "GetWebACL", json!({ "Name": "acl", "Scope": "REGIONAL", "Id": id })).await;
    assert_eq!(testkit::text(&shown, "Capacity"), "12");
    assert_eq!(testkit::text(&shown, "SearchString"), "L2FkbWlu");
    let twice = create(&ctx, json!([])).await;
    assert!(twice.starts_with("WAFDuplicateItemException"), "{twice}");
    let token = testkit::text(&shown, "LockToken");
    assert_eq!(call(&ctx, "DeleteWebACL", of(&token)).await.trim(), "{}");
    let gone = call(&ctx, "DeleteWebACL", of(&token)).await;
    assert!(gone.starts_with("WAFNonexistentItemException"), "{gone}");
}

#[tokio::test]
async fn an_ip_set_stays_while_a_rule_refers_to_it() {
    let ctx = testkit::ctx();
    let input = json!({ "Name": "set", "Scope": "REGIONAL", "IPAddressVersion": "IPV4",
        "Addresses": ["10.0.0.0/8"] });
    let made = call(&ctx, "CreateIPSet", input).await;
    let (arn, id) = (testkit::text(&made, "ARN"), testkit::text(&made, "Id"));
    create(&ctx, json!([rule("home", 1, json!({ "IPSetReferenceStatement": { "ARN": arn } }))]))
        .await;
    let token = testkit::text(&made, "LockToken");
    let input = json!({ "Name": "set", "Scope": "REGIONAL", "Id": id, "LockToken": token });
    let kept = call(&ctx, "DeleteIPSet", input).await;
    assert!(kept.starts_with("WAFAssociatedItemException"), "{kept}");
    let input = json!({ "Name": "bad", "Scope": "REGIONAL", "IPAddressVersion": "IPV4",
        "Addresses": ["10.0.0.0/0"] });
    let bad = call(&ctx, "CreateIPSet", input).await;
    assert!(bad.starts_with("WAFInvalidParameterException"), "{bad}");
}

#[tokio::test]
async fn what_nothing_can_judge_is_told() {
    let ctx = testkit::ctx();
    let group = json!({ "Name": "common", "Priority": 2, "OverrideAction": { "None": {} },
        "Statement": { "ManagedRuleGroupStatement": {
            "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet" } },
        "VisibilityConfig": seen() });
    let rate = json!({ "RateBasedStatement": { "Limit": 100, "AggregateKeyType": "IP" } });
    create(&ctx, json!([rule("admin", 1, path("L2FkbWlu")), group, rule("rate", 3, rate)])).await;
    let told: Vec<String> = service()
        .inert_in(&ctx.snapshot())
        .into_iter()
        .map(|one| format!("{}: {}", one.field, one.on_aws))
        .collect();
    expect![[r#"
        Rules[common]: AWS would act by the rule. It is passed over: nothing here can know the rules of a managed rule group.
        Rules[rate]: AWS would act by the rule. It is passed over: nothing here can count requests for a rate-based rule."#]]
    .assert_eq(&told.join("\n"));
}
