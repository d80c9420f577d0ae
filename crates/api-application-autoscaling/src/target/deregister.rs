//! DeregisterScalableTarget: its policies, their alarms and its scheduled actions go with it.

use neargate_api::model::application_autoscaling::{
    ScalableTarget, ScalingPolicy, ScheduledAction, of_target,
};
use neargate_api::types::application_autoscaling::{
    DeregisterScalableTargetRequest, DeregisterScalableTargetResponse, error,
};
use neargate_api::{AwsError, Ctx, Record, Tx};

use crate::policy;
use crate::target::Reference;

pub async fn call(
    ctx: Ctx,
    input: DeregisterScalableTargetRequest,
) -> Result<DeregisterScalableTargetResponse, AwsError> {
    let reference =
        Reference::new(&input.service_namespace, &input.scalable_dimension, &input.resource_id);
    ctx.clone()
        .write(move |tx| {
            if tx.delete::<ScalableTarget>(&reference.key(&ctx.region)).is_none() {
                return Err(error::object_not_found_exception(format!(
                    "No scalable target found for {}",
                    reference.described()
                )));
            }
            let prefix = of_target(&ctx.region, &reference.dimension, &reference.resource_id);
            for key in keys::<ScalingPolicy>(tx, &prefix) {
                policy::delete::remove(tx, &ctx, &key);
            }
            for key in keys::<ScheduledAction>(tx, &prefix) {
                tx.delete::<ScheduledAction>(&key);
            }
            Ok(DeregisterScalableTargetResponse {})
        })
        .await
}

fn keys<R: Record>(tx: &Tx, prefix: &str) -> Vec<String> {
    tx.scan::<R>(prefix).map(|record| record.key()).collect()
}
