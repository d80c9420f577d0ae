//! GetDeploymentGroup and BatchGetDeploymentGroups.

use neargate_api::model::codedeploy::DeploymentGroup;
use neargate_api::types::codedeploy::{
    BatchGetDeploymentGroupsInput, BatchGetDeploymentGroupsOutput, GetDeploymentGroupInput,
    GetDeploymentGroupOutput, error,
};
use neargate_api::{AwsError, Ctx};

use super::{find, shown::shown};
use crate::application;

/// Names that one call may ask for.
const BATCH_LIMIT: usize = 100;

pub async fn call(
    ctx: Ctx,
    input: GetDeploymentGroupInput,
) -> Result<GetDeploymentGroupOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let found =
        find(&snapshot, &ctx.region, &input.application_name, &input.deployment_group_name)?;
    Ok(GetDeploymentGroupOutput { deployment_group_info: Some(shown(&snapshot, &found)) })
}

/// Those that are not there are left out.
pub async fn batch(
    ctx: Ctx,
    input: BatchGetDeploymentGroupsInput,
) -> Result<BatchGetDeploymentGroupsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let (region, application) = (&ctx.region, &input.application_name);
    application::find(&snapshot, region, application)?;
    if input.deployment_group_names.len() > BATCH_LIMIT {
        return Err(error::batch_limit_exceeded_exception(format!(
            "The maximum number of names or IDs allowed for this request ({BATCH_LIMIT}) was exceeded."
        )));
    }
    let found = input.deployment_group_names.iter().filter_map(|name| {
        let key = DeploymentGroup::key_of(region, application, name);
        Some(shown(&snapshot, &*snapshot.get::<DeploymentGroup>(&key)?))
    });
    Ok(BatchGetDeploymentGroupsOutput {
        deployment_groups_info: Some(found.collect()),
        error_message: None,
    })
}
