//! ListSubscriptions and ListSubscriptionsByTopic.

use std::sync::Arc;

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::types::sns::{
    self, ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse, ListSubscriptionsInput,
    ListSubscriptionsResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::{paged, topic};

pub async fn all(
    ctx: Ctx,
    input: ListSubscriptionsInput,
) -> Result<ListSubscriptionsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let found = snapshot.scan::<Subscription>(&Topic::prefix(&ctx.region));
    let page = paged(found, |found| found.arn.clone(), input.next_token.as_deref())?;
    Ok(ListSubscriptionsResponse {
        subscriptions: Some(shown(&page.items, ctx.account())),
        next_token: page.next_token,
    })
}

pub async fn of_topic(
    ctx: Ctx,
    input: ListSubscriptionsByTopicInput,
) -> Result<ListSubscriptionsByTopicResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let topic = topic::find(&snapshot, &input.topic_arn)?;
    let found = snapshot.scan::<Subscription>(&topic.subscriptions());
    let page = paged(found, |found| found.arn.clone(), input.next_token.as_deref())?;
    Ok(ListSubscriptionsByTopicResponse {
        subscriptions: Some(shown(&page.items, ctx.account())),
        next_token: page.next_token,
    })
}

fn shown(subscriptions: &[Arc<Subscription>], account: &str) -> Vec<sns::Subscription> {
    let shown = subscriptions.iter().map(|found| {
        let pending = found.pending.as_ref().map(|_| "PendingConfirmation".to_owned());
        sns::Subscription {
            endpoint: Some(found.endpoint.clone()),
            owner: Some(account.to_owned()),
            protocol: Some(found.protocol.clone()),
            subscription_arn: Some(pending.unwrap_or_else(|| found.arn.clone())),
            topic_arn: Some(found.topic_arn.clone()),
        }
    });
    shown.collect()
}
