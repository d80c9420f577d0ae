//! Deployment groups: what their operations share.

pub mod check;
pub mod create;
pub mod delete;
pub mod get;
pub mod list;
mod shown;
pub mod update;

use std::sync::Arc;

use neargate_api::model::codedeploy::DeploymentGroup;
use neargate_api::types::codedeploy::error;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::application;

pub use shown::last_revision;

/// `arn:…:deploymentgroup:APPLICATION/NAME`.
pub fn arn(ctx: &Ctx, application: &str, name: &str) -> String {
    ctx.arn("codedeploy", format!("deploymentgroup:{application}/{name}"))
}

/// The group of this name, of an application that is there.
pub fn find(
    snapshot: &Snapshot,
    region: &str,
    application: &str,
    name: &str,
) -> Result<Arc<DeploymentGroup>, AwsError> {
    application::find(snapshot, region, application)?;
    let found =
        snapshot.get::<DeploymentGroup>(&DeploymentGroup::key_of(region, application, name));
    found.ok_or_else(|| missing(name))
}

/// AWS's error for a group that is not there.
pub fn missing(name: &str) -> AwsError {
    error::deployment_group_does_not_exist_exception(format!(
        "No Deployment Group found for name: {name}"
    ))
}

fn already_exists(name: &str) -> AwsError {
    error::deployment_group_already_exists_exception(format!(
        "Deployment group already exists with the name: {name}"
    ))
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._+=,@-".contains(c);
    match !name.is_empty() && name.len() <= 100 && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(error::invalid_deployment_group_name_exception(format!(
            "The deployment group name '{name}' is invalid: it must be 1 to 100 letters, digits and any of . _ + = , @ -"
        ))),
    }
}
