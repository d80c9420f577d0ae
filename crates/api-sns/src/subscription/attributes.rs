//! GetSubscriptionAttributes and SetSubscriptionAttributes.

use neargate_api::model::sns::Subscription;
use neargate_api::types::sns::{
    GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse,
    SetSubscriptionAttributesInput, SetSubscriptionAttributesOutput,
};
use neargate_api::{AwsError, Ctx};

use crate::attributes::check_subscription;
use crate::subscription::not_found;

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
    set("ConfirmationWasAuthenticated", "false");
    set("RawMessageDelivery", "false");
    if found.attributes.contains_key("FilterPolicy") {
        set("FilterPolicyScope", "MessageAttributes");
    }
    Ok(GetSubscriptionAttributesResponse { attributes: Some(shown) })
}

pub async fn set(
    ctx: Ctx,
    input: SetSubscriptionAttributesInput,
) -> Result<SetSubscriptionAttributesOutput, AwsError> {
    let (name, value) = (input.attribute_name, input.attribute_value.unwrap_or_default());
    check_subscription(&name, &value)?;
    ctx.write(move |tx| {
        let change = |subscription: &mut Subscription| match value.is_empty() {
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
