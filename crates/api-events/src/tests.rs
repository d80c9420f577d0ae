//! Whole answers of the operations, on a cloud in memory.

use expect_test::expect;
use neargate_api::Ctx;
use neargate_api::model::events::Delivery;
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::service;

const TOPIC: &str = "arn:aws:sns:us-west-2:000000000000:alarms";

async fn call(ctx: &Ctx, operation: &str, input: Value) -> String {
    testkit::call(ctx, &service(), operation, input).await.unwrap()
}

async fn refused(ctx: &Ctx, operation: &str, input: Value) -> String {
    testkit::call(ctx, &service(), operation, input).await.unwrap_err().to_string()
}

/// A rule `r` that selects the events of `shop`, with the topic as its target.
async fn rule(ctx: &Ctx) {
    let pattern = json!({ "source": ["shop"], "detail": { "total": [{ "numeric": [">", 10] }] } });
    let rule = json!({ "Name": "r", "EventPattern": pattern.to_string() });
    call(ctx, "PutRule", rule).await;
    let targets = json!({ "Rule": "r", "Targets": [{ "Id": "t", "Arn": TOPIC }] });
    call(ctx, "PutTargets", targets).await;
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service().unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_rule_is_shown_and_goes_after_its_targets() {
    let ctx = testkit::ctx();
    rule(&ctx).await;
    let shown = call(&ctx, "DescribeRule", json!({ "Name": "r" })).await;
    expect![[r#"
        {
          "Arn": "arn:aws:events:us-west-2:000000000000:rule/r",
          "CreatedBy": "000000000000",
          "EventBusName": "default",
          "EventPattern": "{\"detail\":{\"total\":[{\"numeric\":[\">\",10]}]},\"source\":[\"shop\"]}",
          "Name": "r",
          "State": "ENABLED"
        }
    "#]].assert_eq(&shown);
    let shown = call(&ctx, "ListTargetsByRule", json!({ "Rule": "r" })).await;
    expect![[r#"
        {
          "Targets": [
            {
              "Arn": "arn:aws:sns:us-west-2:000000000000:alarms",
              "Id": "t"
            }
          ]
        }
    "#]]
    .assert_eq(&shown);
    let names = call(&ctx, "ListRuleNamesByTarget", json!({ "TargetArn": TOPIC })).await;
    assert!(names.contains("\"r\""), "{names}");
    call(&ctx, "DisableRule", json!({ "Name": "r" })).await;
    let listed = call(&ctx, "ListRules", json!({ "NamePrefix": "r" })).await;
    assert_eq!(testkit::text(&listed, "State"), "DISABLED");

    let why = refused(&ctx, "DeleteRule", json!({ "Name": "r" })).await;
    assert_eq!(why, "ValidationException: Rule can't be deleted since it has targets.");
    call(&ctx, "RemoveTargets", json!({ "Rule": "r", "Ids": ["t"] })).await;
    call(&ctx, "DeleteRule", json!({ "Name": "r" })).await;
    call(&ctx, "DeleteRule", json!({ "Name": "r" })).await;
    let why = refused(&ctx, "DescribeRule", json!({ "Name": "r" })).await;
    assert_eq!(why, "ResourceNotFoundException: Rule r does not exist on EventBus default.");
}

#[tokio::test]
async fn rules_are_refused_as_aws_does() {
    let ctx = testkit::ctx();
    let put = async |input| refused(&ctx, "PutRule", input).await;
    for (input, why) in [
        (
            json!({ "Name": "r" }),
            "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
        (
            json!({ "Name": "r", "EventPattern": "{\"source\": \"x\"}" }),
            "InvalidEventPatternException: Event pattern is not valid. Reason: \"source\" must be an object or an array",
        ),
        (
            json!({ "Name": "r", "ScheduleExpression": "rate(1 minutes)" }),
            "ValidationException: Parameter ScheduleExpression is not valid.",
        ),
        (
            json!({ "Name": "r", "ScheduleExpression": "rate(1 day)", "EventBusName": "b" }),
            "ValidationException: ScheduleExpression is supported only on the default event bus.",
        ),
        (
            json!({ "Name": "r", "EventPattern": "{\"source\": [\"x\"]}", "EventBusName": "b" }),
            "ResourceNotFoundException: Event bus b does not exist.",
        ),
    ] {
        assert_eq!(put(input).await, why);
    }
}

#[tokio::test]
async fn targets_that_nobody_delivers_to_are_refused() {
    let ctx = testkit::ctx();
    rule(&ctx).await;
    let put = async |target: Value| {
        let input = json!({ "Rule": "r", "Targets": [target] });
        refused(&ctx, "PutTargets", input).await
    };
    let lambda = json!({ "Id": "l", "Arn": "arn:aws:lambda:us-west-2:000000000000:function:f" });
    assert!(put(lambda).await.contains("to no other kind of target"));
    let none = json!({ "Id": "l", "Arn": "topic" });
    assert!(put(none).await.ends_with("Provided Arn is not in correct format."));
    let both = json!({ "Id": "l", "Arn": TOPIC, "Input": "{}", "InputPath": "$.detail" });
    assert!(put(both).await.contains("Only one of Input, InputPath, or InputTransformer"));
    let unknown =
        json!({ "Id": "l", "Arn": TOPIC, "InputTransformer": { "InputTemplate": "\"<x>\"" } });
    assert!(put(unknown).await.contains("the variable <x> is not defined"));
    let cluster = json!({ "Id": "l", "Arn": "arn:aws:ecs:us-west-2:000000000000:cluster/c",
        "EcsParameters": { "TaskDefinitionArn": "app" } });
    assert!(put(cluster).await.contains("RoleArn is required"));
    let queue = json!({ "Id": "l", "Arn": TOPIC,
        "DeadLetterConfig": { "Arn": "arn:aws:sqs:us-west-2:000000000000:q" } });
    assert!(put(queue).await.contains("Neargate has no SQS"));
    let targets: Vec<Value> =
        (0..5).map(|n| json!({ "Id": n.to_string(), "Arn": TOPIC })).collect();
    let many = refused(&ctx, "PutTargets", json!({ "Rule": "r", "Targets": targets })).await;
    assert!(many.starts_with("LimitExceededException"), "{many}");
}

#[tokio::test]
async fn events_become_deliveries_where_they_match() {
    let ctx = testkit::ctx();
    rule(&ctx).await;
    let entry = |source: &str, detail: &str| json!({ "Source": source, "DetailType": "order", "Detail": detail });
    let entries = json!({ "Entries": [
        entry("shop", r#"{"total": 11, "a": 1}"#),
        entry("shop", r#"{"total": 9}"#),
        entry("aws.ecs", "{}"),
        entry("shop", "[]"),
        { "Source": "shop", "Detail": "{}" },
    ] });
    let answer = call(&ctx, "PutEvents", entries).await;
    expect![[r#"
        {
          "Entries": [
            {
              "EventId": "b3f2af6d-0fc7-40c5-853b-559647364cea"
            },
            {
              "EventId": "92f89756-082a-4514-a42e-1c7bc266a3a7"
            },
            {
              "ErrorCode": "NotAuthorizedForSourceException",
              "ErrorMessage": "Not authorized for the source."
            },
            {
              "ErrorCode": "MalformedDetail",
              "ErrorMessage": "Detail is malformed."
            },
            {
              "ErrorCode": "InvalidArgument",
              "ErrorMessage": "Parameter DetailType is not valid. Reason: DetailType is a required argument."
            }
          ],
          "FailedEntryCount": 3
        }
    "#]].assert_eq(&answer);
    let deliveries: Vec<_> = ctx.snapshot().all::<Delivery>().collect();
    assert_eq!(deliveries.len(), 1);
    expect![[r#"{"version":"0","id":"b3f2af6d-0fc7-40c5-853b-559647364cea","detail-type":"order","source":"shop","account":"000000000000","time":"2026-01-02T03:04:05Z","region":"us-west-2","resources":[],"detail":{"total": 11, "a": 1}}"#]].assert_eq(&deliveries[0].event);
    call(&ctx, "DisableRule", json!({ "Name": "r" })).await;
    let entries = json!({ "Entries": [entry("shop", r#"{"total": 11}"#)] });
    call(&ctx, "PutEvents", entries).await;
    assert_eq!(ctx.snapshot().count::<Delivery>(), 1);
}

#[tokio::test]
async fn a_bus_has_its_own_rules_and_policy() {
    let ctx = testkit::ctx();
    let made = call(&ctx, "CreateEventBus", json!({ "Name": "orders" })).await;
    let arn = testkit::text(&made, "EventBusArn");
    let why = refused(&ctx, "CreateEventBus", json!({ "Name": "default" })).await;
    assert_eq!(why, "ResourceAlreadyExistsException: Event bus default already exists.");
    let rule = json!({ "Name": "r", "EventBusName": arn, "EventPattern": "{\"source\": [\"x\"]}" });
    let made = call(&ctx, "PutRule", rule).await;
    let rule_arn = testkit::text(&made, "RuleArn");
    assert_eq!(rule_arn, "arn:aws:events:us-west-2:000000000000:rule/orders/r");
    let why = refused(&ctx, "DeleteEventBus", json!({ "Name": "orders" })).await;
    assert_eq!(why, "ValidationException: Event bus can't be deleted since it has rules.");

    let permission = json!({ "EventBusName": "orders", "Action": "events:PutEvents",
        "Principal": "111122223333", "StatementId": "partner" });
    call(&ctx, "PutPermission", permission).await;
    let shown = call(&ctx, "DescribeEventBus", json!({ "Name": "orders" })).await;
    expect![[r#"
        {
          "Arn": "arn:aws:events:us-west-2:000000000000:event-bus/orders",
          "CreationTime": 1767323045,
          "LastModifiedTime": 1767323045,
          "Name": "orders",
          "Policy": "{\"Statement\":[{\"Action\":\"events:PutEvents\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Resource\":\"arn:aws:events:us-west-2:000000000000:event-bus/orders\",\"Sid\":\"partner\"}],\"Version\":\"2012-10-17\"}"
        }
    "#]].assert_eq(&shown);
    assert_eq!(service().inert_in(&ctx.snapshot())[0].field, "Policy");
    let why = json!({ "EventBusName": "orders", "StatementId": "other" });
    assert!(refused(&ctx, "RemovePermission", why).await.contains("does not exist"));
    let id = json!({ "EventBusName": "orders", "StatementId": "partner" });
    call(&ctx, "RemovePermission", id).await;
    assert!(service().inert_in(&ctx.snapshot()).is_empty());

    let tags = json!({ "ResourceARN": rule_arn, "Tags": [{ "Key": "a", "Value": "b" }] });
    call(&ctx, "TagResource", tags).await;
    let tags = call(&ctx, "ListTagsForResource", json!({ "ResourceARN": rule_arn })).await;
    assert_eq!(testkit::text(&tags, "Value"), "b");
    let buses = call(&ctx, "ListEventBuses", json!({})).await;
    assert_eq!(testkit::texts(&buses, "Name"), ["default", "orders"]);
}

#[tokio::test]
async fn patterns_can_be_tried() {
    let ctx = testkit::ctx();
    let event = json!({ "id": "1", "detail-type": "t", "source": "x", "account": "1",
        "time": "2026-01-02T03:04:05Z", "region": "us-west-2", "resources": [] });
    let input = |pattern: &str| json!({ "EventPattern": pattern, "Event": event.to_string() });
    let answer = call(&ctx, "TestEventPattern", input(r#"{"source": ["x"]}"#)).await;
    assert_eq!(testkit::text(&answer, "Result"), "true");
    let answer = call(&ctx, "TestEventPattern", input(r#"{"source": ["y"]}"#)).await;
    assert_eq!(testkit::text(&answer, "Result"), "false");
    let why = refused(&ctx, "TestEventPattern", input("[]")).await;
    assert!(why.ends_with("Filter is not an object"), "{why}");
}

#[tokio::test]
async fn rules_that_nobody_tells_events_for_are_told() {
    let ctx = testkit::ctx();
    let told = async |pattern: &str| {
        let rule = json!({ "Name": "r", "EventPattern": pattern });
        call(&ctx, "PutRule", rule).await;
        !service().inert_in(&ctx.snapshot()).is_empty()
    };
    assert!(!told(r#"{"source": ["aws.ecs"]}"#).await);
    assert!(!told(r#"{"source": ["aws.ec2", "shop"]}"#).await);
    assert!(!told(r#"{"detail-type": ["ECS Task State Change"]}"#).await);
    assert!(told(r#"{"source": ["aws.ec2"]}"#).await);
    assert!(
        told(r#"{"source": ["aws.ecs"], "detail-type": ["AWS API Call via CloudTrail"]}"#).await
    );
}
