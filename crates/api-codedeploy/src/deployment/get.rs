//! GetDeployment and BatchGetDeployments.

use neargate_api::model::codedeploy::Deployment;
use neargate_api::types::codedeploy::{
    BatchGetDeploymentsInput, BatchGetDeploymentsOutput, GetDeploymentInput, GetDeploymentOutput,
    error,
};
use neargate_api::{AwsError, Ctx};

use super::{find, shown::shown};

/// Ids that one call may ask for.
const BATCH_LIMIT: usize = 25;

pub async fn call(ctx: Ctx, input: GetDeploymentInput) -> Result<GetDeploymentOutput, AwsError> {
    let found = find(&ctx.snapshot(), &ctx.region, &input.deployment_id)?;
    Ok(GetDeploymentOutput { deployment_info: Some(shown(&found)) })
}

/// Those that are not there are left out.
pub async fn batch(
    ctx: Ctx,
    input: BatchGetDeploymentsInput,
) -> Result<BatchGetDeploymentsOutput, AwsError> {
    if input.deployment_ids.len() > BATCH_LIMIT {
        return Err(error::batch_limit_exceeded_exception(format!(
            "The maximum number of names or IDs allowed for this request ({BATCH_LIMIT}) was exceeded."
        )));
    }
    let snapshot = ctx.snapshot();
    let found = input.deployment_ids.iter().filter_map(|id| {
        snapshot.get::<Deployment>(&Deployment::key_of(&ctx.region, id)).map(|d| shown(&d))
    });
    Ok(BatchGetDeploymentsOutput { deployments_info: Some(found.collect()) })
}
