//! ListTopics.

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{self, ListTopicsInput, ListTopicsResponse};
use neargate_api::{AwsError, Ctx};

use crate::paged;

pub async fn call(ctx: Ctx, input: ListTopicsInput) -> Result<ListTopicsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let topics = snapshot.scan::<Topic>(&Topic::prefix(&ctx.region));
    let page = paged(topics, |topic| topic.arn.clone(), input.next_token.as_deref())?;
    let topics = page.items.iter().map(|topic| sns::Topic { topic_arn: Some(topic.arn.clone()) });
    Ok(ListTopicsResponse { topics: Some(topics.collect()), next_token: page.next_token })
}
