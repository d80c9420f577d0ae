//! Whole answers of the operations, on a cloud in memory.

use expect_test::expect;
use neargate_api::model::sns::{Notification, Subscription};
use neargate_testkit as testkit;
use serde_json::json;

use crate::service;

const ARN: &str = "arn:aws:sns:us-west-2:000000000000:alarms";

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service().unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_topic_is_shown_with_awss_defaults() {
    let (ctx, sns) = (testkit::ctx(), service());
    let made = testkit::call(&ctx, &sns, "CreateTopic", json!({ "Name": "alarms" })).await.unwrap();
    assert_eq!(testkit::text(&made, "TopicArn"), ARN);
    let input = json!({ "TopicArn": ARN });
    let shown = testkit::call(&ctx, &sns, "GetTopicAttributes", input).await.unwrap();
    expect![[r#"
        <GetTopicAttributesResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
          <GetTopicAttributesResult>
            <Attributes>
              <entry>
                <key>DisplayName</key>
                <value></value>
              </entry>
              <entry>
                <key>EffectiveDeliveryPolicy</key>
                <value>{&quot;http&quot;:{&quot;defaultHealthyRetryPolicy&quot;:{&quot;minDelayTarget&quot;:20,&quot;maxDelayTarget&quot;:20,&quot;numRetries&quot;:3,&quot;numMaxDelayRetries&quot;:0,&quot;numNoDelayRetries&quot;:0,&quot;numMinDelayRetries&quot;:0,&quot;backoffFunction&quot;:&quot;linear&quot;},&quot;disableSubscriptionOverrides&quot;:false,&quot;defaultRequestPolicy&quot;:{&quot;headerContentType&quot;:&quot;text/plain; charset=UTF-8&quot;}}}</value>
              </entry>
              <entry>
                <key>Owner</key>
                <value>000000000000</value>
              </entry>
              <entry>
                <key>Policy</key>
                <value>{&quot;Id&quot;:&quot;__default_policy_ID&quot;,&quot;Statement&quot;:[{&quot;Action&quot;:[&quot;SNS:GetTopicAttributes&quot;,&quot;SNS:SetTopicAttributes&quot;,&quot;SNS:AddPermission&quot;,&quot;SNS:RemovePermission&quot;,&quot;SNS:DeleteTopic&quot;,&quot;SNS:Subscribe&quot;,&quot;SNS:ListSubscriptionsByTopic&quot;,&quot;SNS:Publish&quot;],&quot;Condition&quot;:{&quot;StringEquals&quot;:{&quot;AWS:SourceOwner&quot;:&quot;000000000000&quot;}},&quot;Effect&quot;:&quot;Allow&quot;,&quot;Principal&quot;:{&quot;AWS&quot;:&quot;*&quot;},&quot;Resource&quot;:&quot;arn:aws:sns:us-west-2:000000000000:alarms&quot;,&quot;Sid&quot;:&quot;__default_statement_ID&quot;}],&quot;Version&quot;:&quot;2008-10-17&quot;}</value>
              </entry>
              <entry>
                <key>SubscriptionsConfirmed</key>
                <value>0</value>
              </entry>
              <entry>
                <key>SubscriptionsDeleted</key>
                <value>0</value>
              </entry>
              <entry>
                <key>SubscriptionsPending</key>
                <value>0</value>
              </entry>
              <entry>
                <key>TopicArn</key>
                <value>arn:aws:sns:us-west-2:000000000000:alarms</value>
              </entry>
            </Attributes>
          </GetTopicAttributesResult>
          <ResponseMetadata>
            <RequestId>00000000-0000-4000-8000-000000000000</RequestId>
          </ResponseMetadata>
        </GetTopicAttributesResponse>
    "#]].assert_eq(&shown);
    let name = json!({ "Name": "alarms.fifo" });
    let refused = testkit::call(&ctx, &sns, "CreateTopic", name).await.unwrap_err();
    assert_eq!(refused.to_string(), "InvalidParameter: Invalid parameter: Topic Name");
}

#[tokio::test]
async fn a_subscription_waits_for_its_token_and_is_told() {
    let (ctx, sns) = (testkit::ctx(), service());
    testkit::call(&ctx, &sns, "CreateTopic", json!({ "Name": "alarms" })).await.unwrap();
    let email = json!({ "TopicArn": ARN, "Protocol": "email", "Endpoint": "ops@example.com" });
    let answer = testkit::call(&ctx, &sns, "Subscribe", email).await.unwrap();
    assert_eq!(testkit::text(&answer, "SubscriptionArn"), "pending confirmation");
    let pending = ctx.snapshot().all::<Subscription>().next().unwrap();
    let token = pending.pending.clone().unwrap();
    let wrong = json!({ "TopicArn": ARN, "Token": "x" });
    let refused = testkit::call(&ctx, &sns, "ConfirmSubscription", wrong).await.unwrap_err();
    assert_eq!(refused.to_string(), "InvalidParameter: Invalid parameter: Token");
    let right = json!({ "TopicArn": ARN, "Token": token });
    let confirmed = testkit::call(&ctx, &sns, "ConfirmSubscription", right).await.unwrap();
    let input = json!({ "SubscriptionArn": testkit::text(&confirmed, "SubscriptionArn") });
    let shown = testkit::call(&ctx, &sns, "GetSubscriptionAttributes", input).await.unwrap();
    assert!(shown.contains("PendingConfirmation"), "{shown}");
    let sqs = json!({ "TopicArn": ARN, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-west-2:000000000000:q" });
    let refused = testkit::call(&ctx, &sns, "Subscribe", sqs).await.unwrap_err();
    assert!(refused.message.contains("no sqs"), "{refused}");
    testkit::call(&ctx, &sns, "DeleteTopic", json!({ "TopicArn": ARN })).await.unwrap();
    assert!(sns.inert_in(&ctx.snapshot()).is_empty());
}

#[tokio::test]
async fn what_is_published_goes_to_those_whose_filters_want_it() {
    let (ctx, sns) = (testkit::ctx(), service());
    testkit::call(&ctx, &sns, "CreateTopic", json!({ "Name": "alarms" })).await.unwrap();
    let filters = [
        (
            1,
            r#"{"state": ["ALARM", {"prefix": "INS"}], "count": [{"numeric": [">", 3]}]}"#,
            "MessageAttributes",
        ),
        (2, r#"{"state": [{"anything-but": "ALARM"}]}"#, "MessageAttributes"),
        (3, r#"{"NewStateValue": ["ALARM"]}"#, "MessageBody"),
        (4, r#"{"NewStateValue": ["OK"]}"#, "MessageBody"),
    ];
    for (number, policy, scope) in filters {
        let endpoint = format!("+1555010{number}");
        let attributes = json!({ "entry": {
            "1": { "key": "FilterPolicy", "value": policy },
            "2": { "key": "FilterPolicyScope", "value": scope },
        } });
        let input = json!({ "TopicArn": ARN, "Protocol": "sms", "Endpoint": endpoint, "Attributes": attributes });
        testkit::call(&ctx, &sns, "Subscribe", input).await.unwrap();
    }
    let attributes = json!({ "entry": {
        "1": { "Name": "state", "Value": { "DataType": "String", "StringValue": "ALARM" } },
        "2": { "Name": "count", "Value": { "DataType": "Number", "StringValue": "4" } },
    } });
    let message = r#"{"NewStateValue": "ALARM"}"#;
    let input = json!({ "TopicArn": ARN, "Message": message, "MessageAttributes": attributes });
    testkit::call(&ctx, &sns, "Publish", input).await.unwrap();
    let kept = ctx.snapshot().all::<Notification>().next().unwrap();
    let mut told: Vec<String> =
        kept.recipients.iter().map(|r| format!("{} {}", r.endpoint, r.state.name())).collect();
    told.sort();
    assert_eq!(
        told,
        ["+15550101 kept", "+15550102 filtered out", "+15550103 kept", "+15550104 filtered out"]
    );
    let bad = json!({ "TopicArn": ARN, "Protocol": "sms", "Endpoint": "+15550109",
        "Attributes": { "entry": { "1": { "key": "FilterPolicy", "value": r#"{"a": "b"}"# } } } });
    let refused = testkit::call(&ctx, &sns, "Subscribe", bad).await.unwrap_err();
    assert!(refused.message.starts_with("Invalid parameter: FilterPolicy: "), "{refused}");
}

#[tokio::test]
async fn an_empty_filter_is_none() {
    let (ctx, sns) = (testkit::ctx(), service());
    testkit::call(&ctx, &sns, "CreateTopic", json!({ "Name": "alarms" })).await.unwrap();
    let filter = json!({ "entry": { "1": { "key": "FilterPolicy", "value": r#"{"a": ["b"]}"# } } });
    let input = json!({ "TopicArn": ARN, "Protocol": "sms", "Endpoint": "+15550101", "Attributes": filter });
    testkit::call(&ctx, &sns, "Subscribe", input).await.unwrap();
    let kept = || ctx.snapshot().all::<Subscription>().next().unwrap();
    assert!(kept().attributes.contains_key("FilterPolicy"));
    let none = json!({ "SubscriptionArn": kept().arn, "AttributeName": "FilterPolicy", "AttributeValue": "{}" });
    testkit::call(&ctx, &sns, "SetSubscriptionAttributes", none).await.unwrap();
    assert!(!kept().attributes.contains_key("FilterPolicy"));
}

#[tokio::test]
async fn a_message_needs_a_topic_and_a_body() {
    let (ctx, sns) = (testkit::ctx(), service());
    testkit::call(&ctx, &sns, "CreateTopic", json!({ "Name": "alarms" })).await.unwrap();
    let publish = async |input| testkit::call(&ctx, &sns, "Publish", input).await;
    publish(json!({ "TopicArn": ARN, "Message": "hello" })).await.unwrap();
    let refused = publish(json!({ "TopicArn": ARN, "Message": "" })).await.unwrap_err();
    assert_eq!(refused.message, "Invalid parameter: Empty message");
    let text = json!({ "TopicArn": ARN, "Message": "{}", "MessageStructure": "json" });
    assert!(publish(text).await.unwrap_err().message.contains("No default entry"));
    let nowhere = json!({ "TopicArn": format!("{ARN}2"), "Message": "x" });
    assert_eq!(publish(nowhere).await.unwrap_err().to_string(), "NotFound: Topic does not exist");
    let phone = json!({ "PhoneNumber": "+15550100", "Message": "x" });
    assert!(publish(phone).await.unwrap_err().message.contains("no text messages"));
    let entry = json!({ "Id": "1", "Message": "x" });
    let twice = json!({ "TopicArn": ARN, "PublishBatchRequestEntries": [entry, entry] });
    let refused = testkit::call(&ctx, &sns, "PublishBatch", twice).await.unwrap_err();
    assert_eq!(refused.code, "BatchEntryIdsNotDistinct");
}
