//! PutResourcePolicy.

use neargate_api::model::logs::{LogGroup, ResourcePolicy};
use neargate_api::types::logs::{PutResourcePolicyRequest, PutResourcePolicyResponse, error};
use neargate_api::{AwsError, Ctx, Tx};

use crate::{group, resource_policy};

/// Policies that a region can have.
const LIMIT: usize = 10;

pub async fn call(
    ctx: Ctx,
    input: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse, AwsError> {
    let key = resource_policy::identity(&input.policy_name, &input.resource_arn)?;
    let document = input.policy_document.unwrap_or_default();
    if !serde_json::from_str::<serde_json::Value>(&document).is_ok_and(|json| json.is_object()) {
        return Err(error::invalid_parameter_exception(
            "The policy document is not a valid JSON object.",
        ));
    }
    let of_group = input.resource_arn.is_some();
    let made = ResourcePolicy {
        region: ctx.region.clone(),
        name: input.policy_name,
        resource_arn: of_group.then_some(key),
        document,
        updated_ms: ctx.now.millis(),
        revision_id: of_group.then(|| ctx.rng().uuid()),
    };
    let expected = input.expected_revision_id;
    let kept = ctx.write(move |tx| put(tx, made, expected)).await?;
    Ok(PutResourcePolicyResponse {
        revision_id: kept.revision_id.clone(),
        resource_policy: Some(resource_policy::shown(&kept)),
    })
}

fn put(
    tx: &mut Tx,
    made: ResourcePolicy,
    expected: Option<String>,
) -> Result<ResourcePolicy, AwsError> {
    match &made.resource_arn {
        Some(arn) => {
            let group = LogGroup::key_of(&made.region, group::name_in(arn));
            if !tx.contains::<LogGroup>(&group) {
                return Err(group::not_found());
            }
            let old = tx.get::<ResourcePolicy>(&ResourcePolicy::key_of(&made.region, arn));
            if old.and_then(|old| old.revision_id.clone()) != expected {
                return Err(resource_policy::conflict());
            }
        }
        None => {
            let name = made.name.as_deref();
            let others = tx
                .scan::<ResourcePolicy>(&format!("{}/", made.region))
                .filter(|other| other.resource_arn.is_none() && other.name.as_deref() != name);
            if others.count() >= LIMIT {
                return Err(error::limit_exceeded_exception("Resource limit exceeded."));
            }
        }
    }
    tx.put(made.clone());
    Ok(made)
}
