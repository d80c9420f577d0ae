//! StartTask: tasks on container instances that the caller has chosen. Fargate has none, so each
//! of them is missing, whatever the request; what else is wrong with it is told first.
//! Source: "Amazon ECS API failure reasons" in the developer guide.

use neargate_api::model::ecs::TaskDefinition;
use neargate_api::types::ecs::{StartTaskRequest, StartTaskResponse, error};
use neargate_api::{AwsError, Ctx, Snapshot};
use neargate_plan::placement;

use crate::{cluster, failure, task_definition};

/// The most container instances of a request.
const MOST: usize = 10;

pub async fn call(ctx: Ctx, input: StartTaskRequest) -> Result<StartTaskResponse, AwsError> {
    let snapshot = ctx.snapshot();
    cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let definition = task_definition::find_active(&ctx, &snapshot, &input.task_definition)?;
    if input.container_instances.is_empty() {
        return Err(error::client_exception("Container instances cannot be empty."));
    }
    if input.container_instances.len() > MOST {
        return Err(error::invalid_parameter_exception(format!(
            "At most {MOST} container instances can be given: there are {}.",
            input.container_instances.len()
        )));
    }
    check_network(&ctx, &snapshot, &definition, &input)?;
    let failures = input.container_instances.into_iter().map(failure::missing).collect();
    Ok(StartTaskResponse { tasks: Some(Vec::new()), failures: Some(failures) })
}

/// An interface of its own, and only that, needs a network.
fn check_network(
    ctx: &Ctx,
    snapshot: &Snapshot,
    definition: &TaskDefinition,
    input: &StartTaskRequest,
) -> Result<(), AwsError> {
    let network = input.network_configuration.as_ref();
    if definition.wire.network_mode.as_deref() == Some("awsvpc") {
        return placement::choose(snapshot, &ctx.region, network, &[])
            .map(drop)
            .map_err(|no_place| error::invalid_parameter_exception(no_place.message()));
    }
    match network {
        None => Ok(()),
        Some(_) => Err(error::invalid_parameter_exception(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        )),
    }
}
