//! DeleteScalingPolicy: the policy, and the alarms that were managed for it.

use neargate_api::model::application_autoscaling::{ScalingForecast, ScalingPolicy};
use neargate_api::types::application_autoscaling::{
    DeleteScalingPolicyRequest, DeleteScalingPolicyResponse, error,
};
use neargate_api::{AwsError, Ctx, Tx};

use crate::policy::alarms;
use crate::target::Reference;

pub async fn call(
    ctx: Ctx,
    input: DeleteScalingPolicyRequest,
) -> Result<DeleteScalingPolicyResponse, AwsError> {
    let reference =
        Reference::new(&input.service_namespace, &input.scalable_dimension, &input.resource_id);
    let key = ScalingPolicy::key_of(
        &ctx.region,
        &reference.dimension,
        &reference.resource_id,
        &input.policy_name,
    );
    let inner = ctx.clone();
    ctx.write(move |tx| match remove(tx, &inner, &key) {
        true => Ok(DeleteScalingPolicyResponse {}),
        false => Err(error::object_not_found_exception(format!(
            "No scaling policy found for {}, policy name: {}",
            reference.described(),
            input.policy_name
        ))),
    })
    .await
}

/// Removes a policy with its alarms; tells whether it was there.
pub fn remove(tx: &mut Tx, ctx: &Ctx, key: &str) -> bool {
    let Some(policy) = tx.delete::<ScalingPolicy>(key) else { return false };
    alarms::remove(tx, ctx, &policy.shown);
    tx.delete::<ScalingForecast>(key);
    true
}
