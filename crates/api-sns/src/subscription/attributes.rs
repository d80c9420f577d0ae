//! GetSubscriptionAttributes and SetSubscriptionAttributes.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::types::sns::{
    GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse,
    SetSubscriptionAttributesInput, SetSubscriptionAttributesOutput,
};
use neargate_api::{AwsError, Ctx};

use crate::attributes::{check_raw, check_subscription};
use crate::subscription::not_found;
use crate::topic::attributes::DELIVERY;

pub async fn get(
    ctx: Ctx,
    input: GetSubscriptionAttributesInput,
) -> Result<GetSubscriptionAttributesResponse, AwsError> {
    let found = ctx.snapshot().get::<Subscription>(&input.subscription_arn);
    let found = found.ok_or_else(not_found)?;
    let mut shown = found.attributes.clone();
    let mut set = |name: &str, value: &str| {
        shown.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    };
    set("SubscriptionArn", &found.arn);
    set("TopicArn", &found.topic_arn);
    set("Protocol", &found.protocol);
    set("Endpoint", &found.endpoint);
    set("Owner", ctx.account());
    set("SubscriptionPrincipal", &found.subscriber_arn);
    set("PendingConfirmation", if found.pending.is_some() { "true" } else { "false" });
    if found.protocol.starts_with("http") {
        set("EffectiveDeliveryPolicy", &delivery_policy(&ctx, &found));
    }
    set("ConfirmationWasAuthenticated", if found.signed_unsubscribe { "true" } else { "false" });
    set("RawMessageDelivery", "false");
    if found.attributes.contains_key("FilterPolicy") {
        set("FilterPolicyScope", "MessageAttributes");
    }
    Ok(GetSubscriptionAttributesResponse { attributes: Some(shown) })
}

/// The policy that its retries go by.
fn delivery_policy(ctx: &Ctx, found: &Subscription) -> String {
    let own = found.attributes.get("DeliveryPolicy").cloned();
    let topic = || ctx.snapshot().get::<Topic>(&found.topic_arn);
    let of_topic = || topic()?.attributes.get("DeliveryPolicy").cloned();
    own.or_else(of_topic).unwrap_or_else(|| DELIVERY.to_owned())
}

pub async fn set(
    ctx: Ctx,
    input: SetSubscriptionAttributesInput,
) -> Result<SetSubscriptionAttributesOutput, AwsError> {
    let (name, value) = (input.attribute_name, input.attribute_value.unwrap_or_default());
    check_subscription(&name, &value)?;
    ctx.write(move |tx| {
        let found = tx.get::<Subscription>(&input.subscription_arn).ok_or_else(not_found)?;
        check_raw(&found.protocol, &name, &value)?;
        // A filter of nothing is none: "To remove a filter policy" in the developer guide.
        let is_none = value.is_empty() || name == "FilterPolicy" && is_empty_object(&value);
        let change = |subscription: &mut Subscription| match is_none {
            true => {
                subscription.attributes.remove(&name);
            }
            false => {
                subscription.attributes.insert(name, value);
            }
        };
        tx.update(&input.subscription_arn, change).map(|_| ()).ok_or_else(not_found)
    })
    .await?;
    Ok(SetSubscriptionAttributesOutput {})
}

fn is_empty_object(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|value: serde_json::Map<_, _>| value.is_empty())
}
