//! CreateCluster: a cluster of this name, or the one that is there already.

use neargate_api::model::ecs::Cluster;
use neargate_api::types::ecs::{self, CreateClusterRequest, CreateClusterResponse, error};
use neargate_api::{AwsError, Ctx, Stored};

use super::configuration;
use crate::{cluster, tags};

pub async fn call(
    ctx: Ctx,
    input: CreateClusterRequest,
) -> Result<CreateClusterResponse, AwsError> {
    let name = input.cluster_name.clone().unwrap_or_else(|| "default".into());
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 255 || !name.chars().all(allowed) {
        return Err(error::invalid_parameter_exception(
            "Cluster name must be 1 to 255 letters, numbers, hyphens or underscores.",
        ));
    }
    let providers = input.capacity_providers.unwrap_or_default();
    let strategy = input.default_capacity_provider_strategy.unwrap_or_default();
    cluster::check_strategy(&providers, &strategy)?;
    configuration::check(input.configuration.as_ref())?;
    let made = Cluster {
        region: ctx.region.clone(),
        arn: cluster::arn(&ctx, Some(&name)),
        name,
        active: true,
        settings: cluster::settings(input.settings)?,
        configuration: input.configuration.map(Stored),
        service_connect_defaults: input
            .service_connect_defaults
            .map(|d| Stored(ecs::ClusterServiceConnectDefaults { namespace: Some(d.namespace) })),
        capacity_providers: providers,
        default_capacity_provider_strategy: strategy.into_iter().map(Stored).collect(),
        tags: tags::read(input.tags)?,
    };
    let kept = ctx
        .write(move |tx| {
            let key = Cluster::key_of(&made.region, &made.name);
            if tx.get::<Cluster>(&key).is_none_or(|cluster| !cluster.active) {
                tx.put(made);
            }
            Ok(key)
        })
        .await?;
    let snapshot = ctx.snapshot();
    let cluster = snapshot.get::<Cluster>(&kept).ok_or_else(cluster::not_found)?;
    Ok(CreateClusterResponse {
        cluster: Some(cluster::shown(&snapshot, &cluster, &cluster::everything())),
    })
}
