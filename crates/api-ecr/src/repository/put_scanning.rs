//! PutImageScanningConfiguration.

use neargate_api::types::ecr::{
    PutImageScanningConfigurationRequest, PutImageScanningConfigurationResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::repository;

pub async fn call(
    ctx: Ctx,
    input: PutImageScanningConfigurationRequest,
) -> Result<PutImageScanningConfigurationResponse, AwsError> {
    let configuration = input.image_scanning_configuration;
    let on_push = configuration.scan_on_push.unwrap_or_default();
    let (name, registry) = (input.repository_name, input.registry_id.as_deref());
    repository::change(&ctx, registry, &name, move |r| r.scan_on_push = on_push).await?;
    Ok(PutImageScanningConfigurationResponse {
        image_scanning_configuration: Some(configuration),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}
