//! PENDING: images, secrets and log streams, all with the rights of the
//! execution role and through the very operations that a client would call.
//! What cannot be had is the task's stopped reason, as Fargate words it.

mod environment_files;
mod image;
mod secrets;

use std::path::PathBuf;

use futures_util::future::try_join_all;
use neargate_api::model::ecs::Task;
use neargate_api::types::ecs::ContainerDefinition;
use neargate_api::types::logs;
use neargate_api::{Caller, Ctx, Opener, Wanted};
use neargate_runtime::TaskSpec;

use super::facts::{Facts, NotStarted};
use super::spec::{self, Inputs};

/// The task's spec for the runtime.
pub async fn prepare(facts: &Facts, netns: PathBuf) -> Result<TaskSpec, NotStarted> {
    let task = facts.task().ok_or(NotStarted::Stopped)?;
    let definition = facts.definition().ok_or_else(|| {
        NotStarted::Failed("The task definition of this task was deleted.".into())
    })?;
    let ctx = facts.hands.ctx(&task.region, execution_caller(facts, &task)?);
    facts.update(|task, now| task.pull_started_at = Some(now)).await?;
    let containers = definition.containers();
    let secrets = try_join_all(containers.iter().map(|c| secrets::of(facts, &ctx, c))).await?;
    let files = containers.iter().map(|c| spec::environment_files(&task, c));
    let files = files.map(|files| environment_files::of(facts, &ctx, files));
    let from_files = try_join_all(files).await?;
    try_join_all(containers.iter().map(|c| log_stream(facts, &ctx, &task, c))).await?;
    let images = try_join_all(containers.iter().map(|c| image::of(facts, &ctx, c))).await?;
    let digests: Vec<_> = images.iter().map(|image| image.digest.to_string()).collect();
    let names: Vec<_> = containers.iter().map(|c| c.name.clone().unwrap_or_default()).collect();
    facts
        .update(move |task, now| {
            task.pull_stopped_at = Some(now);
            for (name, digest) in names.iter().zip(digests) {
                if let Some(container) = task.container_mut(name) {
                    container.image_digest = Some(digest);
                }
            }
        })
        .await?;
    let inputs = Inputs {
        task: &task,
        definition: &definition,
        images: &images,
        secrets: &secrets,
        from_files: &from_files,
        netns,
        endpoint_port: facts.hands.cloud.port,
    };
    Ok(spec::task(&inputs))
}

/// Who pulls and reads: a session of the execution role; without one, nobody in particular.
fn execution_caller(facts: &Facts, task: &Task) -> Result<Caller, NotStarted> {
    let Some(role_arn) = &task.execution_role_arn else {
        return Ok(Caller::Role {
            role_name: "none".into(),
            role_id: String::new(),
            session_name: task.id.clone(),
            session_policies: Vec::new(),
        });
    };
    let cloud = &facts.hands.cloud;
    let now = facts.now();
    let wanted = Wanted {
        opener: Opener::Service { name: "ecs-tasks.amazonaws.com", source_arn: &task.arn },
        role_arn,
        session_name: &task.id,
        now,
        expires_at: now.plus_secs(3600),
        session_policies: Vec::new(),
        external_id: None,
    };
    let session = cloud.identity.open_session(&cloud.store.snapshot(), &wanted);
    session.map(|session| session.caller).map_err(|denied| {
        NotStarted::Failed(format!(
            "ECS was unable to assume the role '{role_arn}' that was provided for this task. Please verify that the \
             role being passed has the proper trust relationship and permissions and that your IAM user has permissions \
             to pass this role. ({})",
            denied.message
        ))
    })
}

/// Makes the stream that a container's lines go to.
async fn log_stream(
    facts: &Facts,
    ctx: &Ctx,
    task: &Task,
    container: &ContainerDefinition,
) -> Result<(), NotStarted> {
    let Some(to) = super::logs::destination(task, container) else { return Ok(()) };
    let services = &facts.hands.services;
    let mut ctx = ctx.clone();
    ctx.region = to.region.clone();
    let create = || logs::CreateLogStreamRequest {
        log_group_name: to.group.clone(),
        log_stream_name: to.stream.clone(),
    };
    let created =
        services.invoke::<logs::CreateLogStream>(&logs::SERVICE, ctx.clone(), create()).await;
    let created = match created {
        Err(error) if error.code == "ResourceNotFoundException" && to.create_group => {
            let group = logs::CreateLogGroupRequest {
                log_group_name: to.group.clone(),
                ..Default::default()
            };
            match services.invoke::<logs::CreateLogGroup>(&logs::SERVICE, ctx.clone(), group).await
            {
                Err(error) if error.code != "ResourceAlreadyExistsException" => Err(error),
                _ => services.invoke::<logs::CreateLogStream>(&logs::SERVICE, ctx, create()).await,
            }
        }
        other => other,
    };
    match created {
        Ok(_) => Ok(()),
        Err(error) if error.code == "ResourceAlreadyExistsException" => Ok(()),
        Err(error) => Err(NotStarted::Failed(format!(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: \
             failed to create Cloudwatch log stream: {}: {} : exit status 1",
            error.code, error.message
        ))),
    }
}
