//! How what is told comes to its targets: schedules, permissions, further tries.

use neargate_api::model::events::{Delivery, Rule};
use serde_json::json;

use super::{World, image, now};
use crate::deliver::Refusal;

#[tokio::test]
async fn a_schedule_comes_when_it_is_due_and_once_for_what_was_slept_through() {
    let world = World::new().await;
    let input = json!({ "Input": "{\"wake\": \"up\"}" });
    world.rule(json!({ "Name": "r", "ScheduleExpression": "rate(1 minute)" }), input).await;
    assert!(world.lines().await.is_empty());
    world.ctx.cloud.clock.advance_millis(60_000);
    assert_eq!(world.lines().await, ["{\"wake\": \"up\"}"]);
    world.ctx.cloud.clock.advance_millis(59_000);
    assert_eq!(world.lines().await.len(), 1);
    world.ctx.cloud.clock.advance_millis(600_000);
    assert_eq!(world.lines().await.len(), 2);
    let rule = world.ctx.snapshot().get::<Rule>("us-west-2/default/r").unwrap();
    assert_eq!(rule.scheduled_from.millis_since(now()), 11 * 60_000, "in step with its beginning");
}

#[tokio::test]
async fn a_target_without_permission_loses_the_event_and_says_so() {
    let world = World::without_policy().await;
    world.everything().await;
    world.write(|tx| tx.put(image("sha256:1", &["latest"]))).await;
    assert!(world.lines().await.is_empty());
    assert_eq!(world.ctx.snapshot().count::<Delivery>(), 0);
    let told = &world.bridge.progress.all()["events"].waits_for;
    assert!(told[0].contains("no resource policy allows events.amazonaws.com"), "{told:?}");
}

#[tokio::test]
async fn a_topic_s_policy_decides_and_a_template_is_filled_in() {
    let world = World::new().await;
    let topic = "arn:aws:sns:us-west-2:000000000000:news";
    world.call("sns", "CreateTopic", json!({ "Name": "news" })).await;
    let pattern = json!({ "source": ["shop"] }).to_string();
    let transformer = json!({ "InputTransformer": {
        "InputPathsMap": { "at": "$.time", "total": "$.detail.total" },
        "InputTemplate": "{\"timestamp\": <at>, \"message\": \"sold for <total>\"}",
    } });
    world.rule(json!({ "Name": "r", "EventPattern": pattern }), transformer).await;
    let targets = json!({ "Rule": "r", "Targets": [{ "Id": "topic", "Arn": topic }] });
    world.call("events", "PutTargets", targets).await;
    let entries = json!({ "Entries": [
        { "Source": "shop", "DetailType": "order", "Detail": "{\"total\": 12}" } ] });
    world.call("events", "PutEvents", entries.clone()).await;
    assert_eq!(world.lines().await, ["sold for 12"]);
    let told = &world.bridge.progress.all()["events"].waits_for;
    assert!(told[0].contains("sns:Publish"), "{told:?}");
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": "events.amazonaws.com" }, "Action": "sns:Publish",
        "Resource": topic,
        "Condition": { "ArnEquals": { "aws:SourceArn": "arn:aws:events:us-west-2:000000000000:rule/r" } },
    }] });
    let policy = json!({ "TopicArn": topic, "AttributeName": "Policy",
        "AttributeValue": policy.to_string() });
    world.call("sns", "SetTopicAttributes", policy).await;
    world.call("events", "PutEvents", entries).await;
    world.bridge.turn().await;
    assert!(world.bridge.progress.all()["events"].waits_for.is_empty());
}

#[tokio::test]
async fn what_may_pass_is_tried_again_as_the_retry_policy_says() {
    let world = World::new().await;
    let pattern = json!({ "source": ["shop"] }).to_string();
    let retry = json!({ "RetryPolicy": { "MaximumRetryAttempts": 2 } });
    world.rule(json!({ "Name": "r", "EventPattern": pattern }), retry).await;
    let entry = json!({ "Source": "shop", "DetailType": "order", "Detail": "{}" });
    world.call("events", "PutEvents", json!({ "Entries": [entry] })).await;
    let rule = world.ctx.snapshot().get::<Rule>("us-west-2/default/r").unwrap();
    let mut waits = Vec::new();
    while let Some(delivery) = world.ctx.snapshot().all::<Delivery>().next() {
        waits.push(delivery.next_try_at.millis_since(now()));
        let busy = Refusal { why: "busy".into(), may_pass: true };
        world.bridge.refused(&rule, &delivery, "r", busy, now()).await.unwrap();
    }
    assert_eq!(waits, [0, 1000, 2000], "the third failure is the last");
}
