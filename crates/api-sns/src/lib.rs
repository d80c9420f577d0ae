//! Amazon SNS: a folder per resource, a file per operation. What is published is kept with a
//! delivery per subscription, which `neargate-notifications` brings to its endpoint. Protocols
//! whose service is not here are refused.

mod attributes;
mod fan_out;
mod inert;
mod message_attributes;
mod publish;
mod retry;
mod subscription;
mod tags;
mod topic;

pub use retry::Retry;
pub use topic::attributes::policy_of;

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{self, error};
use neargate_api::{AwsError, Ctx, Page, Service, page};

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&sns::SERVICE)
        .inert(inert::inert)
        .op_on::<sns::CreateTopic, _>(|c, i| c.arn("sns", &*i.name), topic::create::call)
        .op_governed::<sns::DeleteTopic, _>(|c, i| governed(c, &i.topic_arn), topic::delete::call)
        .op::<sns::ListTopics, _>(topic::list::call)
        .op_governed::<sns::GetTopicAttributes, _>(
            |c, i| governed(c, &i.topic_arn),
            topic::attributes::get,
        )
        .op_governed::<sns::SetTopicAttributes, _>(
            |c, i| governed(c, &i.topic_arn),
            topic::attributes::set,
        )
        .op_governed::<sns::Subscribe, _>(
            |c, i| governed(c, &i.topic_arn),
            subscription::subscribe::call,
        )
        .op_on::<sns::ConfirmSubscription, _>(
            |_, i| i.topic_arn.clone(),
            subscription::confirm::call,
        )
        .op::<sns::Unsubscribe, _>(subscription::unsubscribe::call)
        .op::<sns::ListSubscriptions, _>(subscription::list::all)
        .op_governed::<sns::ListSubscriptionsByTopic, _>(
            |c, i| governed(c, &i.topic_arn),
            subscription::list::of_topic,
        )
        .op::<sns::GetSubscriptionAttributes, _>(subscription::attributes::get)
        .op::<sns::SetSubscriptionAttributes, _>(subscription::attributes::set)
        .op_governed::<sns::Publish, _>(
            |c, i| {
                governed(c, i.topic_arn.as_ref().or(i.target_arn.as_ref()).map_or("*", |arn| arn))
            },
            publish::one,
        )
        .op_governed::<sns::PublishBatch, _>(|c, i| governed(c, &i.topic_arn), publish::batch)
        .op_on::<sns::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<sns::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<sns::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
}

/// A topic, and the policy that it was given.
fn governed(ctx: &Ctx, arn: &str) -> (String, Option<String>) {
    let found = ctx.snapshot().get::<Topic>(arn);
    (arn.to_owned(), found.and_then(|topic| topic.attributes.get("Policy").cloned()))
}

/// `InvalidParameter`, as SNS says it.
fn invalid(what: impl std::fmt::Display) -> AwsError {
    error::invalid_parameter_exception(format!("Invalid parameter: {what}"))
}

/// Pages of SNS have a hundred items.
fn paged<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
) -> Result<Page<T>, AwsError> {
    page(items, key, token, 100).ok_or_else(|| invalid("NextToken"))
}

#[cfg(test)]
mod tests;
