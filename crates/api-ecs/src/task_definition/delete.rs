//! DeleteTaskDefinitions: of deregistered revisions that no task or service uses.

use neargate_api::model::ecs::{Service, ServiceStatus, Task, TaskDefinition, TaskStatus};
use neargate_api::types::ecs::{
    DeleteTaskDefinitionsRequest, DeleteTaskDefinitionsResponse, Failure, error,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use super::{key, shown};

pub async fn call(
    ctx: Ctx,
    input: DeleteTaskDefinitionsRequest,
) -> Result<DeleteTaskDefinitionsResponse, AwsError> {
    if input.task_definitions.len() > 10 {
        return Err(error::invalid_parameter_exception(
            "At most 10 task definitions can be deleted at once.",
        ));
    }
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for reference in input.task_definitions {
        let found = key(&ctx, &ctx.snapshot(), &reference);
        let failure = |reason: &str| Failure {
            arn: Some(reference.clone()),
            reason: Some(reason.to_owned()),
            detail: None,
        };
        let Some(key) = found else {
            failures.push(failure("The specified task definition was not found. Specify a valid task definition ARN and try again."));
            continue;
        };
        let gone = ctx
            .write(move |tx| {
                let Some(definition) = tx.get::<TaskDefinition>(&key) else { return Ok(Err("MISSING")) };
                if definition.active {
                    return Ok(Err("The specified task definition is still in ACTIVE status. Please deregister the target and try again."));
                }
                if in_use(tx.view(), &definition) {
                    return Ok(Err("The specified task definition is in use by a task or a service."));
                }
                tx.delete::<TaskDefinition>(&key);
                Ok(Ok(definition))
            })
            .await?;
        match gone {
            Ok(definition) => {
                let mut shown = shown(&definition);
                shown.status = Some("DELETE_IN_PROGRESS".into());
                deleted.push(shown);
            }
            Err(reason) => failures.push(failure(reason)),
        }
    }
    Ok(DeleteTaskDefinitionsResponse { task_definitions: Some(deleted), failures: Some(failures) })
}

fn in_use(snapshot: &Snapshot, definition: &TaskDefinition) -> bool {
    let prefix = format!("{}/", definition.region);
    let by_task = snapshot
        .scan::<Task>(&prefix)
        .any(|t| t.task_definition_arn == definition.arn && t.status != TaskStatus::Stopped);
    by_task
        || snapshot.scan::<Service>(&prefix).any(|s| {
            s.status == ServiceStatus::Active
                && s.deployments.iter().any(|d| d.task_definition_arn == definition.arn)
        })
}
