//! GetDeploymentConfig.

use neargate_api::types::codedeploy::{GetDeploymentConfigInput, GetDeploymentConfigOutput};
use neargate_api::{AwsError, Ctx};

use super::find;

pub async fn call(
    ctx: Ctx,
    input: GetDeploymentConfigInput,
) -> Result<GetDeploymentConfigOutput, AwsError> {
    let found = find(&ctx.snapshot(), &ctx.region, &input.deployment_config_name)?;
    Ok(GetDeploymentConfigOutput { deployment_config_info: Some(found) })
}
