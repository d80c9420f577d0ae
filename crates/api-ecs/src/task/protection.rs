//! UpdateTaskProtection and GetTaskProtection: a service's task that is in the middle of
//! something is not stopped by scaling in or by a deployment.

use std::sync::Arc;

use neargate_api::model::ecs::{Cluster, Task, TaskStatus};
use neargate_api::types::ecs::{
    Failure, GetTaskProtectionRequest, GetTaskProtectionResponse, ProtectedTask,
    UpdateTaskProtectionRequest, UpdateTaskProtectionResponse, error,
};
use neargate_api::{AwsError, Ctx, Record, Snapshot, Timestamp};

use crate::{cluster, failure};

/// How long a protection lasts, where nothing is said: two hours.
const DEFAULT_MINUTES: i32 = 120;

/// At most two days.
const MOST_MINUTES: i32 = 2_880;

pub async fn update(
    ctx: Ctx,
    input: UpdateTaskProtectionRequest,
) -> Result<UpdateTaskProtectionResponse, AwsError> {
    let minutes = input.expires_in_minutes.unwrap_or(DEFAULT_MINUTES);
    if !(1..=MOST_MINUTES).contains(&minutes) {
        return Err(error::invalid_parameter_exception(
            "expiresInMinutes must be between 1 and 2880.",
        ));
    }
    if input.tasks.is_empty() || input.tasks.len() > 10 {
        return Err(error::invalid_parameter_exception("Specify 1 to 10 tasks."));
    }
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, Some(&input.cluster))?;
    let (found, failures) = find(&ctx, &snapshot, &cluster, &input.tasks)?;
    let keys: Vec<String> = found.iter().map(|task| task.key()).collect();
    let until = input.protection_enabled.then(|| ctx.now.plus_secs(i64::from(minutes) * 60));
    let updated = ctx
        .write(move |tx| {
            let protect = |key: &String| {
                tx.update::<Task>(key, |task| {
                    task.protected_until = until;
                    task.version += 1;
                })
            };
            Ok(keys.iter().filter_map(protect).collect::<Vec<_>>())
        })
        .await?;
    Ok(UpdateTaskProtectionResponse {
        protected_tasks: Some(updated.iter().map(|task| shown(task, ctx.now)).collect()),
        failures: Some(failures),
    })
}

pub async fn get(
    ctx: Ctx,
    input: GetTaskProtectionRequest,
) -> Result<GetTaskProtectionResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, Some(&input.cluster))?;
    let wanted = input.tasks.unwrap_or_default();
    if wanted.is_empty() || wanted.len() > 100 {
        return Err(error::invalid_parameter_exception("Specify 1 to 100 tasks."));
    }
    let (found, failures) = find(&ctx, &snapshot, &cluster, &wanted)?;
    Ok(GetTaskProtectionResponse {
        protected_tasks: Some(found.iter().map(|task| shown(task, ctx.now)).collect()),
        failures: Some(failures),
    })
}

/// The tasks that can be protected, and why the others cannot.
fn find(
    ctx: &Ctx,
    snapshot: &Snapshot,
    cluster: &Cluster,
    references: &[String],
) -> Result<(Vec<Arc<Task>>, Vec<Failure>), AwsError> {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for reference in references {
        let id = super::id_of(cluster, reference)?;
        let task = snapshot.get::<Task>(&Task::key_of(&ctx.region, &cluster.name, id));
        match task.filter(|task| task.status != TaskStatus::Stopped) {
            Some(task) if task.service.is_some() => found.push(task),
            Some(task) => failures.push(Failure {
                arn: Some(task.arn.clone()),
                reason: Some("TASK_NOT_VALID".into()),
                detail: Some("The task is not part of a service.".into()),
            }),
            None => {
                let arn = ctx.arn("ecs", format!("task/{}/{id}", cluster.name));
                failures.push(failure::missing(arn));
            }
        }
    }
    Ok((found, failures))
}

fn shown(task: &Task, now: Timestamp) -> ProtectedTask {
    let protected = task.is_protected(now);
    ProtectedTask {
        task_arn: Some(task.arn.clone()),
        protection_enabled: Some(protected),
        expiration_date: task.protected_until.filter(|_| protected),
    }
}
