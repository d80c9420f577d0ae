//! StopTask: the task is asked to stop; the answer shows it on its way.

use neargate_api::model::ecs::{StopCode, Task};
use neargate_api::types::ecs::{StopTaskRequest, StopTaskResponse, error};
use neargate_api::{AwsError, Ctx};

use super::shown;
use crate::cluster;

pub async fn call(ctx: Ctx, input: StopTaskRequest) -> Result<StopTaskResponse, AwsError> {
    let cluster = cluster::find(&ctx, &ctx.snapshot(), input.cluster.as_deref())?;
    let key = Task::key_of(&ctx.region, &cluster.name, super::id_of(&cluster, &input.task)?);
    let reason = input.reason.unwrap_or_else(|| "Task stopped by user".into());
    let now = ctx.now;
    let missing = || error::invalid_parameter_exception("The referenced task was not found.");
    let task = ctx
        .write(move |tx| {
            tx.update::<Task>(&key, |task| task.request_stop(StopCode::UserInitiated, reason, now))
                .ok_or_else(missing)
        })
        .await?;
    Ok(StopTaskResponse { task: Some(shown(&ctx.snapshot(), &task, false)) })
}
