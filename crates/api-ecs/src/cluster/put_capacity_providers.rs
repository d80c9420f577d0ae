//! PutClusterCapacityProviders.

use neargate_api::model::ecs::Cluster;
use neargate_api::types::ecs::{
    PutClusterCapacityProvidersRequest, PutClusterCapacityProvidersResponse,
};
use neargate_api::{AwsError, Ctx, Stored};

use crate::cluster;

pub async fn call(
    ctx: Ctx,
    input: PutClusterCapacityProvidersRequest,
) -> Result<PutClusterCapacityProvidersResponse, AwsError> {
    cluster::check_strategy(&input.capacity_providers, &input.default_capacity_provider_strategy)?;
    let found = cluster::find(&ctx, &ctx.snapshot(), Some(&input.cluster))?;
    let key = Cluster::key_of(&found.region, &found.name);
    let cluster = ctx
        .write(move |tx| {
            tx.update::<Cluster>(&key, |cluster| {
                cluster.capacity_providers = input.capacity_providers;
                cluster.default_capacity_provider_strategy =
                    input.default_capacity_provider_strategy.into_iter().map(Stored).collect();
            })
            .ok_or_else(cluster::not_found)
        })
        .await?;
    let shown = cluster::shown(&ctx.snapshot(), &cluster, &cluster::everything());
    Ok(PutClusterCapacityProvidersResponse { cluster: Some(shown) })
}
