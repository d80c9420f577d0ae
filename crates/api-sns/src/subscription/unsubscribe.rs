//! Unsubscribe.

use neargate_api::model::sns::Subscription;
use neargate_api::types::sns::{UnsubscribeInput, UnsubscribeOutput};
use neargate_api::{Arn, AwsError, Ctx};

use crate::invalid;

pub async fn call(ctx: Ctx, input: UnsubscribeInput) -> Result<UnsubscribeOutput, AwsError> {
    if input.subscription_arn.parse::<Arn>().is_err() {
        return Err(invalid("SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"));
    }
    ctx.write(move |tx| {
        tx.delete::<Subscription>(&input.subscription_arn);
        Ok(())
    })
    .await?;
    Ok(UnsubscribeOutput {})
}
