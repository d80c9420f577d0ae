//! What of IAM does not act: conditions on keys that Neargate does not tell.

use std::collections::BTreeSet;

use neargate_api::model::iam::{ManagedPolicy, Role};
use neargate_api::{Inert, Snapshot};
use neargate_authz::{Kind, Policy};

use crate::identity::SUPPLIED_KEYS;

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut found = Vec::new();
    for role in snapshot.all::<Role>() {
        tell(&mut found, &role.arn, "AssumeRolePolicyDocument", &role.trust_policy, Kind::Trust);
        for (name, text) in &role.inline_policies {
            tell(&mut found, &role.arn, &format!("PolicyDocument of {name}"), text, Kind::Identity);
        }
    }
    for policy in snapshot.all::<ManagedPolicy>() {
        tell(&mut found, &policy.arn, "PolicyDocument", policy.document(), Kind::Identity);
    }
    found
}

fn tell(found: &mut Vec<Inert>, resource: &str, field: &str, text: &str, kind: Kind) {
    let Ok(policy) = Policy::parse(text, kind) else { return };
    let keys: BTreeSet<&str> = policy.condition_keys().filter(|key| !is_supplied(key)).collect();
    for key in keys {
        found.push(Inert::new(
            resource,
            format!("{field}, Condition {key}"),
            format!(
                "Requests would carry {key} where it applies; here they never do, so that the \
                 condition is judged as for an absent key."
            ),
        ));
    }
}

fn is_supplied(key: &str) -> bool {
    SUPPLIED_KEYS.iter().any(|known| match known.strip_suffix('/') {
        Some(family) => key.starts_with(family),
        None => key == *known,
    })
}
