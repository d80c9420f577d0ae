//! DeleteTopic: with its subscriptions; one that is not there is no error.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::types::sns::{DeleteTopicInput, DeleteTopicOutput};
use neargate_api::{AwsError, Ctx};

pub async fn call(ctx: Ctx, input: DeleteTopicInput) -> Result<DeleteTopicOutput, AwsError> {
    ctx.write(move |tx| {
        if let Some(topic) = tx.delete::<Topic>(&input.topic_arn) {
            let subscriptions = tx.scan::<Subscription>(&topic.subscriptions());
            let arns: Vec<String> = subscriptions.map(|found| found.arn.clone()).collect();
            for arn in arns {
                tx.delete::<Subscription>(&arn);
            }
        }
        Ok(())
    })
    .await?;
    Ok(DeleteTopicOutput {})
}
