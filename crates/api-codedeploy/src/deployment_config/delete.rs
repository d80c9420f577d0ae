//! DeleteDeploymentConfig: of one's own, while no group uses it.

use std::sync::Arc;

use neargate_api::model::codedeploy::{DeploymentConfig, DeploymentGroup};
use neargate_api::types::codedeploy::{
    DeleteDeploymentConfigInput, DeleteDeploymentConfigOutput, error,
};
use neargate_api::{AwsError, Ctx};

use super::predefined;

pub async fn call(
    ctx: Ctx,
    input: DeleteDeploymentConfigInput,
) -> Result<DeleteDeploymentConfigOutput, AwsError> {
    let (region, name) = (ctx.region.clone(), input.deployment_config_name);
    if predefined::find(&name).is_some() {
        return Err(error::invalid_operation_exception(
            "Default deployment configurations cannot be deleted",
        ));
    }
    ctx.write(move |tx| {
        let uses = |group: Arc<DeploymentGroup>| {
            group.shown.deployment_config_name.as_ref() == Some(&name)
        };
        if tx.view().scan::<DeploymentGroup>(&format!("{region}/")).any(uses) {
            return Err(error::deployment_config_in_use_exception(format!(
                "Deployment configuration {name} is still in use"
            )));
        }
        tx.delete::<DeploymentConfig>(&DeploymentConfig::key_of(&region, &name));
        Ok(DeleteDeploymentConfigOutput {})
    })
    .await
}
