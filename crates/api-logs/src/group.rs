//! Log groups: what their operations share.

pub mod create;
pub mod delete;
pub mod deletion_protection;
pub mod describe;
pub mod kms_key;
pub mod retention;

use std::sync::Arc;

use neargate_api::model::logs::LogGroup;
use neargate_api::types::logs::error;
use neargate_api::{AwsError, Ctx, Snapshot, Tx};

/// The resource that AWS asks policies about for an operation on a group.
pub fn resource(ctx: &Ctx, group: &str) -> String {
    ctx.arn("logs", format!("log-group:{group}:log-stream:"))
}

/// The same, where the group is told by its name or by an identifier.
pub fn resource_of(ctx: &Ctx, name: &Option<String>, identifier: &Option<String>) -> String {
    let group = name.as_deref().or(identifier.as_deref()).unwrap_or_default();
    resource(ctx, name_in(group))
}

/// The name in a group's identifier: a name, or an ARN with or without `:*`.
pub fn name_in(identifier: &str) -> &str {
    let name = match identifier.strip_prefix("arn:") {
        Some(arn) => arn.split_once(":log-group:").map_or(identifier, |(_, name)| name),
        None => identifier,
    };
    name.strip_suffix(":*").unwrap_or(name)
}

/// The group that is told by exactly one of its name and an identifier.
pub fn named(name: Option<String>, identifier: Option<String>) -> Result<String, AwsError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => Ok(name_in(&identifier).to_owned()),
        (None, None) => Err(error::invalid_parameter_exception(
            "Either logGroupName or logGroupIdentifier must be specified.",
        )),
        (Some(_), Some(_)) => Err(error::invalid_parameter_exception(
            "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
        )),
    }
}

pub fn find(ctx: &Ctx, snapshot: &Snapshot, name: &str) -> Result<Arc<LogGroup>, AwsError> {
    snapshot.get(&LogGroup::key_of(&ctx.region, name)).ok_or_else(not_found)
}

/// AWS's error for a group that is not there.
pub fn not_found() -> AwsError {
    error::resource_not_found_exception("The specified log group does not exist.")
}

/// Changes a group that is there.
pub async fn change(
    ctx: &Ctx,
    name: &str,
    change: impl FnOnce(&mut LogGroup) + Send + 'static,
) -> Result<(), AwsError> {
    let key = LogGroup::key_of(&ctx.region, name);
    ctx.write(move |tx: &mut Tx| {
        tx.update::<LogGroup>(&key, change).ok_or_else(not_found).map(|_| ())
    })
    .await
}
