//! ListDeploymentGroups: of one application.

use neargate_api::model::codedeploy::DeploymentGroup;
use neargate_api::types::codedeploy::{ListDeploymentGroupsInput, ListDeploymentGroupsOutput};
use neargate_api::{AwsError, Ctx};

use crate::{application, pages};

pub async fn call(
    ctx: Ctx,
    input: ListDeploymentGroupsInput,
) -> Result<ListDeploymentGroupsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    application::find(&snapshot, &ctx.region, &input.application_name)?;
    let prefix = DeploymentGroup::prefix(&ctx.region, &input.application_name);
    let names = snapshot.scan::<DeploymentGroup>(&prefix).map(|group| group.name.clone());
    let page = pages::of(names, String::clone, input.next_token.as_deref())?;
    Ok(ListDeploymentGroupsOutput {
        application_name: Some(input.application_name),
        deployment_groups: Some(page.items),
        next_token: page.next_token,
    })
}
