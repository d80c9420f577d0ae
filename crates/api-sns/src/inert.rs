//! What of SNS is shown back but does not act: deliveries, and a topic's key.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::{Inert, Snapshot, grants_only_to};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let deliveries = snapshot.all::<Subscription>().map(|subscription| delivery(&subscription));
    let keys = snapshot.all::<Topic>().filter_map(|topic| {
        let key = topic.attributes.get("KmsMasterKeyId").filter(|key| !key.is_empty())?;
        let on_aws = format!("AWS would encrypt what is published with {key}.");
        Some(Inert::new(&topic.arn, "KmsMasterKeyId", on_aws))
    });
    // EventBridge asks the policy before it publishes; nobody else has to.
    let inert = |policy: &String| !grants_only_to(policy, &["events.amazonaws.com"]);
    let policies =
        snapshot.all::<Topic>().filter(|t| t.attributes.get("Policy").is_some_and(inert));
    let policies = policies.map(|topic| {
        let on_aws = "AWS would let the services and accounts that it names use the topic.";
        Inert::new(&topic.arn, "Policy", on_aws)
    });
    deliveries.chain(keys).chain(policies).collect()
}

fn delivery(subscription: &Subscription) -> Inert {
    let endpoint = &subscription.endpoint;
    let on_aws = match &subscription.pending {
        Some(token) => format!(
            "AWS would ask {endpoint} to confirm, and then deliver what is published. \
             ConfirmSubscription takes the token {token}."
        ),
        None => format!("AWS would deliver what is published to {endpoint}."),
    };
    Inert::new(&subscription.arn, "Endpoint", on_aws)
}
