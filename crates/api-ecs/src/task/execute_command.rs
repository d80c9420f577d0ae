//! ExecuteCommand: a session for a command in a running container; its channel is
//! served beside the API.

use neargate_api::model::ecs::{Container, ContainerStatus, Task, TaskStatus};
use neargate_api::types::ecs::{ExecuteCommandRequest, ExecuteCommandResponse, Session, error};
use neargate_api::{AwsError, Ctx};

use crate::cluster;
use crate::exec::{By, Grant, words};

const NOT_ENABLED: &str = "The execute command failed because execute command was not enabled when the task was run or \
    the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try \
    again.";

pub async fn call(
    ctx: Ctx,
    input: ExecuteCommandRequest,
) -> Result<ExecuteCommandResponse, AwsError> {
    let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    if !input.interactive {
        return refuse("Interactive is the only mode supported currently.");
    }
    let key = Task::key_of(&ctx.region, &cluster.name, super::id_of(&cluster, &input.task)?);
    let Some(task) = snapshot.get::<Task>(&key) else {
        return refuse("The referenced task was not found.");
    };
    if task.wire.enable_execute_command != Some(true) || task.status == TaskStatus::Stopped {
        return refuse(NOT_ENABLED);
    }
    let container = container(&task, input.container.as_deref())?;
    if container.status != ContainerStatus::Running {
        return Err(error::target_not_connected_exception(
            "The execute command failed due to an internal error. Try again later.",
        ));
    }
    let Some(argv) = words(&input.command) else {
        return refuse("The command is empty, or a quote in it has no end.");
    };
    let by = By::Caller(ctx.caller.arn(ctx.account()));
    let grant = Grant::new(&ctx.cloud, &task, container, argv, by);
    Ok(ExecuteCommandResponse {
        cluster_arn: Some(cluster.arn.clone()),
        container_arn: Some(container.arn.clone()),
        container_name: Some(container.name.clone()),
        interactive: Some(true),
        session: Some(Session {
            session_id: Some(grant.session_id.clone()),
            stream_url: Some(grant.stream_url(&ctx.cloud, &ctx.caller)),
            token_value: Some(grant.token(&ctx.cloud)),
        }),
        task_arn: Some(task.arn.clone()),
    })
}

/// The container of this name; the only one without a name.
pub fn container<'a>(task: &'a Task, name: Option<&str>) -> Result<&'a Container, AwsError> {
    let refuse = |message: String| Err(error::invalid_parameter_exception(message));
    let names = || task.containers.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, task.containers.as_slice()) {
        (None | Some(""), [only]) => Ok(only),
        (None | Some(""), _) => refuse(format!(
            "A container name must be given for a task of several containers: {}.",
            names()
        )),
        (Some(name), all) => match all.iter().find(|container| container.name == name) {
            Some(container) => Ok(container),
            None => refuse(format!("The task has no container {name}. It has: {}.", names())),
        },
    }
}
