//! What of CloudWatch Logs is shown back but does not act.

use neargate_api::model::logs::{LogGroup, ResourcePolicy};
use neargate_api::{Inert, Snapshot, grants_only_to};

/// Who asks these policies: EventBridge, which on AWS writes under either name.
const ASKING: [&str; 2] = ["events.amazonaws.com", "delivery.logs.amazonaws.com"];

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let encrypted = snapshot.all::<LogGroup>().filter_map(|group| {
        let key = group.kms_key_id.as_deref()?;
        let on_aws = format!("AWS would encrypt the group's lines with {key}.");
        Some(Inert::new(&group.arn, "kmsKeyId", on_aws))
    });
    let policies = snapshot.all::<ResourcePolicy>();
    let policies = policies.filter(|policy| !grants_only_to(&policy.document, &ASKING));
    let policies = policies.map(|policy| {
        let name = policy.name.as_deref().or(policy.resource_arn.as_deref()).unwrap_or_default();
        let on_aws = "AWS would let the services that it names write to the account's log groups.";
        Inert::new(name, "policyDocument", on_aws)
    });
    encrypted.chain(policies).collect()
}
