//! DeleteScheduledAction.

use neargate_api::model::application_autoscaling::ScheduledAction;
use neargate_api::types::application_autoscaling::{
    DeleteScheduledActionRequest, DeleteScheduledActionResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::target::Reference;

pub async fn call(
    ctx: Ctx,
    input: DeleteScheduledActionRequest,
) -> Result<DeleteScheduledActionResponse, AwsError> {
    let reference =
        Reference::new(&input.service_namespace, &input.scalable_dimension, &input.resource_id);
    let key = ScheduledAction::key_of(
        &ctx.region,
        &reference.dimension,
        &reference.resource_id,
        &input.scheduled_action_name,
    );
    ctx.write(move |tx| match tx.delete::<ScheduledAction>(&key) {
        Some(_) => Ok(DeleteScheduledActionResponse {}),
        None => Err(error::object_not_found_exception(format!(
            "No scheduled action found for {}, scheduled action name: {}",
            reference.described(),
            input.scheduled_action_name
        ))),
    })
    .await
}
