//! DeregisterTaskDefinition: what runs goes on; nothing new is started of it.

use neargate_api::model::ecs::TaskDefinition;
use neargate_api::types::ecs::{
    DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse, error,
};
use neargate_api::{AwsError, Ctx};

use super::{key, shown};

pub async fn call(
    ctx: Ctx,
    input: DeregisterTaskDefinitionRequest,
) -> Result<DeregisterTaskDefinitionResponse, AwsError> {
    if !input.task_definition.contains(':') {
        return Err(error::invalid_parameter_exception(
            "Task definition must be family:revision or an ARN: a family alone is not enough.",
        ));
    }
    let missing = || error::client_exception("Unable to describe task definition.");
    let key = key(&ctx, &ctx.snapshot(), &input.task_definition).ok_or_else(missing)?;
    let now = ctx.now;
    let definition = ctx
        .write(move |tx| {
            tx.update::<TaskDefinition>(&key, |definition| {
                definition.active = false;
                definition.deregistered_at.get_or_insert(now);
            })
            .ok_or_else(missing)
        })
        .await?;
    Ok(DeregisterTaskDefinitionResponse { task_definition: Some(shown(&definition)) })
}
