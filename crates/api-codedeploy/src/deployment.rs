//! Deployments: what their operations share. They are written here, and carried out by
//! the loop that watches them.

mod app_spec;
pub mod create;
pub mod get;
pub mod list;
pub mod proceed;
mod revision;
mod shown;
pub mod stop;
pub mod targets;

use std::sync::Arc;

use neargate_api::model::codedeploy::Deployment;
use neargate_api::types::codedeploy::error;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::deployment_group;

/// Permissions on a deployment are those on its group.
pub fn group_arn(ctx: &Ctx, id: &str) -> String {
    let found = ctx.snapshot().get::<Deployment>(&Deployment::key_of(&ctx.region, id));
    match found {
        Some(found) => deployment_group::arn(ctx, &found.application, &found.group),
        None => ctx.arn("codedeploy", "deploymentgroup:*"),
    }
}

/// The deployment of this id.
pub fn find(snapshot: &Snapshot, region: &str, id: &str) -> Result<Arc<Deployment>, AwsError> {
    if !id.starts_with("d-") {
        return Err(error::invalid_deployment_id_exception(format!(
            "The deployment ID {id} is invalid: it begins with d-"
        )));
    }
    let found = snapshot.get::<Deployment>(&Deployment::key_of(region, id));
    found.ok_or_else(|| {
        error::deployment_does_not_exist_exception(format!(
            "The deployment {id} could not be found"
        ))
    })
}
