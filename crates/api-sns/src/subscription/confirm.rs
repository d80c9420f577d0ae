//! ConfirmSubscription, with the token that AWS would have sent to the endpoint.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::types::sns::{ConfirmSubscriptionInput, ConfirmSubscriptionResponse};
use neargate_api::{AwsError, Ctx};

use crate::{invalid, topic};

pub async fn call(
    ctx: Ctx,
    input: ConfirmSubscriptionInput,
) -> Result<ConfirmSubscriptionResponse, AwsError> {
    let arn = ctx
        .write(move |tx| {
            let topic = tx.get::<Topic>(&input.topic_arn).ok_or_else(topic::not_found)?;
            let found = tx
                .scan::<Subscription>(&topic.subscriptions())
                .find(|subscription| subscription.pending.as_ref() == Some(&input.token))
                .ok_or_else(|| invalid("Token"))?;
            tx.update::<Subscription>(&found.arn, |subscription| subscription.pending = None);
            Ok(found.arn.clone())
        })
        .await?;
    Ok(ConfirmSubscriptionResponse { subscription_arn: Some(arn) })
}
