//! Capacity providers: the two of Fargate, which every account has.

use neargate_api::types::ecs::{
    CapacityProvider, DescribeCapacityProvidersRequest, DescribeCapacityProvidersResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::cluster::PROVIDERS;
use crate::failure;

pub async fn describe(
    ctx: Ctx,
    input: DescribeCapacityProvidersRequest,
) -> Result<DescribeCapacityProvidersResponse, AwsError> {
    let wanted = input
        .capacity_providers
        .unwrap_or_else(|| PROVIDERS.iter().map(|p| (*p).to_owned()).collect());
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for reference in &wanted {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let arn = ctx.arn("ecs", format!("capacity-provider/{name}"));
        if PROVIDERS.contains(&name) {
            found.push(CapacityProvider {
                capacity_provider_arn: Some(arn),
                name: Some(name.to_owned()),
                status: Some("ACTIVE".into()),
                r#type: Some(name.to_owned()),
                tags: Some(Vec::new()),
                ..Default::default()
            });
        } else {
            failures.push(failure::missing(arn));
        }
    }
    Ok(DescribeCapacityProvidersResponse {
        capacity_providers: Some(found),
        failures: Some(failures),
        next_token: None,
    })
}
