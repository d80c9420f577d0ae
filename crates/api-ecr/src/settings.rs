//! What holds for a region's registry.

use neargate_api::model::ecr::Registry;
use neargate_api::types::ecr::{
    DescribeRegistryRequest, DescribeRegistryResponse, GetRegistryScanningConfigurationRequest,
    GetRegistryScanningConfigurationResponse, PutRegistryScanningConfigurationRequest,
    PutRegistryScanningConfigurationResponse, RegistryScanningConfiguration,
    ReplicationConfiguration,
};
use neargate_api::{AwsError, Ctx, Stored};

/// DescribeRegistry: nothing is replicated anywhere.
pub async fn describe(
    ctx: Ctx,
    _: DescribeRegistryRequest,
) -> Result<DescribeRegistryResponse, AwsError> {
    Ok(DescribeRegistryResponse {
        registry_id: Some(ctx.account().to_owned()),
        replication_configuration: Some(ReplicationConfiguration { rules: Vec::new() }),
    })
}

/// GetRegistryScanningConfiguration.
pub async fn get_scanning(
    ctx: Ctx,
    _: GetRegistryScanningConfigurationRequest,
) -> Result<GetRegistryScanningConfigurationResponse, AwsError> {
    let set =
        ctx.snapshot().get::<Registry>(&ctx.region).map(|registry| registry.scanning.0.clone());
    let basic = || RegistryScanningConfiguration {
        rules: Some(Vec::new()),
        scan_type: Some("BASIC".into()),
    };
    Ok(GetRegistryScanningConfigurationResponse {
        registry_id: Some(ctx.account().to_owned()),
        scanning_configuration: Some(set.unwrap_or_else(basic)),
    })
}

/// PutRegistryScanningConfiguration.
pub async fn put_scanning(
    ctx: Ctx,
    input: PutRegistryScanningConfigurationRequest,
) -> Result<PutRegistryScanningConfigurationResponse, AwsError> {
    let scanning = RegistryScanningConfiguration {
        rules: Some(input.rules.unwrap_or_default()),
        scan_type: Some(input.scan_type.unwrap_or_else(|| "BASIC".into())),
    };
    let made = Registry { region: ctx.region.clone(), scanning: Stored(scanning.clone()) };
    ctx.write(move |tx| {
        tx.put(made);
        Ok(())
    })
    .await?;
    Ok(PutRegistryScanningConfigurationResponse { registry_scanning_configuration: Some(scanning) })
}
