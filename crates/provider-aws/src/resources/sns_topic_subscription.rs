//! `aws_sns_topic_subscription`. One that its endpoint has not confirmed stays pending:
//! SNS does not delete it, but forgets it after three days.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::sns as api;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::sns_topic::MISSING;

pub struct TopicSubscription;

/// Ours, SNS's.
const SETTINGS: [(&str, &str); 7] = [
    ("delivery_policy", "DeliveryPolicy"),
    ("filter_policy", "FilterPolicy"),
    ("filter_policy_scope", "FilterPolicyScope"),
    ("raw_message_delivery", "RawMessageDelivery"),
    ("redrive_policy", "RedrivePolicy"),
    ("replay_policy", "ReplayPolicy"),
    ("subscription_role_arn", "SubscriptionRoleArn"),
];

#[async_trait]
impl Resource for TopicSubscription {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["endpoint", "protocol", "topic_arn"],
            defaults: &[
                ("confirmation_timeout_in_minutes", Fallback::Number(1)),
                ("endpoint_auto_confirms", Fallback::Bool(false)),
                ("raw_message_delivery", Fallback::Bool(false)),
            ],
            json: &["delivery_policy", "filter_policy", "redrive_policy", "replay_policy"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let given = SETTINGS.into_iter().filter_map(|(ours, theirs)| {
            value(planned, ours)
                .filter(|value| value != "false")
                .map(|value| (theirs.to_owned(), value))
        });
        let attributes: BTreeMap<String, String> = given.collect();
        let input = api::SubscribeInput {
            attributes: Some(attributes).filter(|attributes| !attributes.is_empty()),
            endpoint: planned.string("endpoint"),
            protocol: planned.required("protocol"),
            return_subscription_arn: Some(true),
            topic_arn: planned.required("topic_arn"),
        };
        Ok(cloud.call::<api::Subscribe>(&input).await?.subscription_arn.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let input = api::GetSubscriptionAttributesInput { subscription_arn: arn.clone() };
        let has = found(cloud.call::<api::GetSubscriptionAttributes>(&input).await, &MISSING)?;
        let Some(has) = has.map(|output| output.attributes.unwrap_or_default()) else {
            return Ok(None);
        };
        let text = |name: &str| has.get(name).cloned().unwrap_or_default();
        let truth = |name: &str| has.get(name).is_some_and(|value| value == "true");
        for (ours, theirs) in SETTINGS {
            let value = match text(theirs) {
                empty if empty.is_empty() => empty,
                document if ours.ends_with("policy") => policy::kept(known.text(ours), &document),
                text => text,
            };
            known.set(ours, value);
        }
        known.extend(json!({
            "arn": arn,
            "confirmation_was_authenticated": truth("ConfirmationWasAuthenticated"),
            "endpoint": text("Endpoint"),
            "owner_id": text("Owner"),
            "pending_confirmation": truth("PendingConfirmation"),
            "protocol": text("Protocol"),
            "raw_message_delivery": truth("RawMessageDelivery"),
            "topic_arn": text("TopicArn"),
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        for (ours, theirs) in SETTINGS {
            let to = value(planned, ours).unwrap_or_default();
            if to != value(prior, ours).unwrap_or_default() {
                // A filter is taken away by the empty one, which lets everything through.
                let none = if theirs == "FilterPolicy" { "{}" } else { "" };
                let input = api::SetSubscriptionAttributesInput {
                    attribute_name: theirs.to_owned(),
                    attribute_value: Some(if to.is_empty() { none.to_owned() } else { to }),
                    subscription_arn: planned.id(),
                };
                cloud.call::<api::SetSubscriptionAttributes>(&input).await?;
            }
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::UnsubscribeInput { subscription_arn: prior.id() };
        match found(cloud.call::<api::Unsubscribe>(&input).await, &MISSING) {
            // SNS refuses while it is pending, and nothing is left to do.
            Err(error)
                if prior.is("pending_confirmation") && error.is_any(&["InvalidParameter"]) =>
            {
                Ok(())
            }
            other => Ok(other.map(drop)?),
        }
    }
}

fn value(planned: &Attributes, name: &str) -> Option<String> {
    match planned.get(name) {
        Json::Bool(truth) => Some(truth.to_string()),
        _ => planned.string(name),
    }
}
