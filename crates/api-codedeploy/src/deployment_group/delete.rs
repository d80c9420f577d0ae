//! DeleteDeploymentGroup. One that is not there is no error; its application must be.

use neargate_api::model::codedeploy::DeploymentGroup;
use neargate_api::types::codedeploy::{DeleteDeploymentGroupInput, DeleteDeploymentGroupOutput};
use neargate_api::{AwsError, Ctx};

use crate::application;

pub async fn call(
    ctx: Ctx,
    input: DeleteDeploymentGroupInput,
) -> Result<DeleteDeploymentGroupOutput, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        application::find(tx.view(), &region, &input.application_name)?;
        tx.delete::<DeploymentGroup>(&DeploymentGroup::key_of(
            &region,
            &input.application_name,
            &input.deployment_group_name,
        ));
        Ok(DeleteDeploymentGroupOutput { hooks_not_cleaned_up: Some(Vec::new()) })
    })
    .await
}
