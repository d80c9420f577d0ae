//! What of SNS is shown back but does not act: keys, feedback, text messages, throttling, and the
//! queues that what could not be delivered would go to.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let subscriptions = snapshot.all::<Subscription>().flat_map(|found| of_subscription(&found));
    let topics = snapshot.all::<Topic>().flat_map(|topic| of_topic(&topic));
    subscriptions.chain(topics).collect()
}

const THROTTLED: &str = "AWS would deliver no more in a second than its throttle policy lets.";

/// Whether a delivery policy has a `throttlePolicy` or a `defaultThrottlePolicy`.
fn throttles(policy: &str) -> bool {
    policy.to_ascii_lowercase().contains("throttlepolicy\"")
}

fn of_topic(topic: &Topic) -> Vec<Inert> {
    let told = topic.attributes.iter().filter(|(_, value)| !value.is_empty());
    let told = told.filter_map(|(name, value)| {
        let on_aws = match name.as_str() {
            "KmsMasterKeyId" => format!("AWS would encrypt what is published with {value}."),
            "DeliveryPolicy" if throttles(value) => THROTTLED.to_owned(),
            "ArchivePolicy" => "AWS would archive what is published.".to_owned(),
            "DataProtectionPolicy" => "AWS would audit, mask or refuse messages by it.".to_owned(),
            "TracingConfig" if value == "Active" => "AWS would send traces to X-Ray.".to_owned(),
            _ if name.contains("FeedbackRoleArn") => {
                "AWS would log deliveries with this role; here `neargate notifications` shows them."
                    .to_owned()
            }
            _ => return None,
        };
        Some(Inert::new(&topic.arn, name, on_aws))
    });
    told.collect()
}

fn of_subscription(subscription: &Subscription) -> Vec<Inert> {
    let mut told = Vec::new();
    let endpoint = &subscription.endpoint;
    if subscription.protocol == "sms" {
        let on_aws = format!("AWS would send text messages to {endpoint}.");
        told.push(Inert::new(&subscription.arn, "Endpoint", on_aws));
    }
    if subscription.attributes.get("DeliveryPolicy").is_some_and(|policy| throttles(policy)) {
        told.push(Inert::new(&subscription.arn, "DeliveryPolicy", THROTTLED));
    }
    for (name, on_aws) in [
        ("RedrivePolicy", "AWS would put what could not be delivered into the queue."),
        ("ReplayPolicy", "AWS would replay messages out of the topic's archive."),
    ] {
        if subscription.attributes.contains_key(name) {
            told.push(Inert::new(&subscription.arn, name, on_aws));
        }
    }
    told
}
