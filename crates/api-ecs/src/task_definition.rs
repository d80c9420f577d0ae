//! Task definitions: what their operations share.

pub mod delete;
pub mod deregister;
pub mod describe;
pub mod families;
pub mod inert;
pub mod list;
pub mod register;
pub mod validate;

use std::sync::Arc;

use neargate_api::model::ecs::{Family, TaskDefinition};
use neargate_api::types::ecs::{self, error};
use neargate_api::{AwsError, Ctx, Snapshot};

/// The key of what `family`, `family:revision` or an ARN means; a family alone
/// means its newest active revision.
pub fn key(ctx: &Ctx, snapshot: &Snapshot, reference: &str) -> Option<String> {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    if let Some((family, revision)) = name.split_once(':') {
        return Some(TaskDefinition::key_of(&ctx.region, family, revision.parse().ok()?));
    }
    snapshot.get::<Family>(&format!("{}/{name}", ctx.region))?;
    let prefix = format!("{}/{name}/", ctx.region);
    let mut newest = snapshot.scan::<TaskDefinition>(&prefix).filter(|d| d.active);
    let newest = newest.next_back()?;
    Some(TaskDefinition::key_of(&ctx.region, name, newest.revision))
}

/// The task definition that is referred to.
pub fn find(ctx: &Ctx, snapshot: &Snapshot, reference: &str) -> Option<Arc<TaskDefinition>> {
    snapshot.get::<TaskDefinition>(&key(ctx, snapshot, reference)?)
}

/// The one to run tasks of: there and active.
pub fn find_active(
    ctx: &Ctx,
    snapshot: &Snapshot,
    reference: &str,
) -> Result<Arc<TaskDefinition>, AwsError> {
    let found = find(ctx, snapshot, reference)
        .ok_or_else(|| error::client_exception("TaskDefinition not found."))?;
    if !found.active {
        return Err(error::client_exception("TaskDefinition is inactive"));
    }
    Ok(found)
}

/// A task definition as AWS shows it.
pub fn shown(definition: &TaskDefinition) -> ecs::TaskDefinition {
    ecs::TaskDefinition {
        task_definition_arn: Some(definition.arn.clone()),
        family: Some(definition.family.clone()),
        revision: Some(definition.revision as i32),
        status: Some(if definition.active { "ACTIVE" } else { "INACTIVE" }.into()),
        registered_at: Some(definition.registered_at),
        deregistered_at: definition.deregistered_at,
        ..definition.wire.0.clone()
    }
}
