//! GetTopicAttributes and SetTopicAttributes: what was given, with AWS's defaults.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::types::sns::{
    GetTopicAttributesInput, GetTopicAttributesResponse, SetTopicAttributesInput,
    SetTopicAttributesOutput,
};
use neargate_api::{AwsError, Ctx, Snapshot};
use serde_json::json;

use crate::attributes::{Attributes, check_topic};
use crate::{invalid, topic};

/// Retries of HTTP deliveries where the topic says nothing of them
/// ("Amazon SNS message delivery retries" in the developer guide).
pub const DELIVERY: &str = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;

pub async fn get(
    ctx: Ctx,
    input: GetTopicAttributesInput,
) -> Result<GetTopicAttributesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let topic = topic::find(&snapshot, &input.topic_arn)?;
    Ok(GetTopicAttributesResponse { attributes: Some(shown(&snapshot, &topic, ctx.account())) })
}

fn shown(snapshot: &Snapshot, topic: &Topic, account: &str) -> Attributes {
    let (pending, confirmed): (Vec<_>, Vec<_>) = snapshot
        .scan::<Subscription>(&topic.subscriptions())
        .partition(|subscription| subscription.pending.is_some());
    let delivery = topic.attributes.get("DeliveryPolicy").cloned();
    let mut shown = topic.attributes.clone();
    let mut set = |name: &str, value: String| {
        shown.entry(name.to_owned()).or_insert(value);
    };
    set("TopicArn", topic.arn.clone());
    set("Owner", account.to_owned());
    set("DisplayName", String::new());
    set("Policy", policy_of(topic, account));
    set("EffectiveDeliveryPolicy", delivery.unwrap_or_else(|| DELIVERY.to_owned()));
    set("SubscriptionsPending", pending.len().to_string());
    set("SubscriptionsConfirmed", confirmed.len().to_string());
    set("SubscriptionsDeleted", "0".to_owned());
    // Told by an operation of its own.
    shown.remove("DataProtectionPolicy");
    shown
}

/// The topic's own policy, or AWS's for one that was made without.
pub fn policy_of(topic: &Topic, account: &str) -> String {
    let own = topic.attributes.get("Policy").cloned();
    own.unwrap_or_else(|| default_policy(&topic.arn, account))
}

fn default_policy(arn: &str, account: &str) -> String {
    let actions = [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
    ];
    let policy = json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions,
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": account } },
        }],
    });
    policy.to_string()
}

pub async fn set(
    ctx: Ctx,
    input: SetTopicAttributesInput,
) -> Result<SetTopicAttributesOutput, AwsError> {
    let (name, value) = (input.attribute_name, input.attribute_value.unwrap_or_default());
    if name == "FifoTopic" {
        return Err(invalid("AttributeName"));
    }
    check_topic(&name, &value)?;
    ctx.write(move |tx| {
        let changed = tx.update::<Topic>(&input.topic_arn, |topic| match value.is_empty() {
            true => {
                topic.attributes.remove(&name);
            }
            false => {
                topic.attributes.insert(name, value);
            }
        });
        changed.map(|_| ()).ok_or_else(topic::not_found)
    })
    .await?;
    Ok(SetTopicAttributesOutput {})
}
