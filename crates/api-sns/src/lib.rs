//! Amazon SNS: a folder per resource, a file per operation. What is published
//! is accepted and goes nowhere yet: every subscription is told as inert, with
//! what AWS would have sent. Protocols whose service is not here are refused.

mod attributes;
mod inert;
mod publish;
mod subscription;
mod tags;
mod topic;

use neargate_api::types::sns::{self, error};
use neargate_api::{AwsError, Page, Service, page};

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&sns::SERVICE)
        .inert(inert::inert)
        .op_on::<sns::CreateTopic, _>(|c, i| c.arn("sns", &*i.name), topic::create::call)
        .op_on::<sns::DeleteTopic, _>(|_, i| i.topic_arn.clone(), topic::delete::call)
        .op::<sns::ListTopics, _>(topic::list::call)
        .op_on::<sns::GetTopicAttributes, _>(|_, i| i.topic_arn.clone(), topic::attributes::get)
        .op_on::<sns::SetTopicAttributes, _>(|_, i| i.topic_arn.clone(), topic::attributes::set)
        .op_on::<sns::Subscribe, _>(|_, i| i.topic_arn.clone(), subscription::subscribe::call)
        .op_on::<sns::ConfirmSubscription, _>(
            |_, i| i.topic_arn.clone(),
            subscription::confirm::call,
        )
        .op::<sns::Unsubscribe, _>(subscription::unsubscribe::call)
        .op::<sns::ListSubscriptions, _>(subscription::list::all)
        .op_on::<sns::ListSubscriptionsByTopic, _>(
            |_, i| i.topic_arn.clone(),
            subscription::list::of_topic,
        )
        .op::<sns::GetSubscriptionAttributes, _>(subscription::attributes::get)
        .op::<sns::SetSubscriptionAttributes, _>(subscription::attributes::set)
        .op_on::<sns::Publish, _>(
            |_, i| i.topic_arn.clone().or(i.target_arn.clone()).unwrap_or_else(|| "*".into()),
            publish::one,
        )
        .op_on::<sns::PublishBatch, _>(|_, i| i.topic_arn.clone(), publish::batch)
        .op_on::<sns::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<sns::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<sns::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
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
