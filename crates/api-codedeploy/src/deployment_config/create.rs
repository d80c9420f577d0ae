//! CreateDeploymentConfig: one's own way to shift traffic.

use neargate_api::model::codedeploy::DeploymentConfig;
use neargate_api::types::codedeploy::{
    CreateDeploymentConfigInput, CreateDeploymentConfigOutput, DeploymentConfigInfo, error,
};
use neargate_api::{AwsError, Ctx, Stored};

use super::{predefined, read};
use crate::platform;

pub async fn call(
    ctx: Ctx,
    input: CreateDeploymentConfigInput,
) -> Result<CreateDeploymentConfigOutput, AwsError> {
    platform::check(input.compute_platform.as_deref())?;
    let name = input.deployment_config_name;
    let routing = input.traffic_routing_config.ok_or_else(|| {
        error::invalid_traffic_routing_configuration_exception(
            "A traffic routing configuration must be specified for the ECS compute platform.",
        )
    })?;
    read(&routing)?;
    if predefined::find(&name).is_some() {
        return Err(already_exists(&name));
    }
    let id = ctx.rng().uuid();
    let config = DeploymentConfig {
        region: ctx.region.clone(),
        name: name.clone(),
        shown: Stored(DeploymentConfigInfo {
            deployment_config_id: Some(id.clone()),
            deployment_config_name: Some(name.clone()),
            compute_platform: Some("ECS".into()),
            create_time: Some(ctx.now),
            traffic_routing_config: Some(routing),
            ..Default::default()
        }),
    };
    ctx.write(move |tx| {
        tx.insert(config).map_err(|_| already_exists(&name))?;
        Ok(CreateDeploymentConfigOutput { deployment_config_id: Some(id) })
    })
    .await
}

fn already_exists(name: &str) -> AwsError {
    error::deployment_config_already_exists_exception(format!(
        "The deployment configuration already exists: {name}"
    ))
}
