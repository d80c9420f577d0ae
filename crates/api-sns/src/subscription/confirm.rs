//! ConfirmSubscription, with the token that was sent to the endpoint; it may come twice.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::types::sns::{ConfirmSubscriptionInput, ConfirmSubscriptionResponse};
use neargate_api::{AwsError, Ctx};

use crate::{invalid, topic};

pub async fn call(
    ctx: Ctx,
    input: ConfirmSubscriptionInput,
) -> Result<ConfirmSubscriptionResponse, AwsError> {
    let signed = input.authenticate_on_unsubscribe.as_deref() == Some("true");
    let arn = ctx
        .write(move |tx| {
            let topic = tx.get::<Topic>(&input.topic_arn).ok_or_else(topic::not_found)?;
            let found = tx
                .scan::<Subscription>(&topic.subscriptions())
                .find(|subscription| token_of(subscription) == Some(input.token.as_str()))
                .ok_or_else(|| invalid("Token"))?;
            tx.update::<Subscription>(&found.arn, |subscription| {
                subscription.confirmed_by = subscription.pending.take().or(Some(input.token));
                subscription.signed_unsubscribe |= signed;
            });
            Ok(found.arn.clone())
        })
        .await?;
    Ok(ConfirmSubscriptionResponse { subscription_arn: Some(arn) })
}

/// The token that confirms the subscription, or has.
fn token_of(subscription: &Subscription) -> Option<&str> {
    subscription.pending.as_deref().or(subscription.confirmed_by.as_deref())
}
