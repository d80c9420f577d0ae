//! UpdateCluster: settings, configuration and Service Connect's default namespace.

use neargate_api::model::ecs::Cluster;
use neargate_api::types::ecs::{self, UpdateClusterRequest, UpdateClusterResponse};
use neargate_api::{AwsError, Ctx, Stored};

use super::configuration;
use crate::cluster;

pub async fn call(
    ctx: Ctx,
    input: UpdateClusterRequest,
) -> Result<UpdateClusterResponse, AwsError> {
    let found = cluster::find(&ctx, &ctx.snapshot(), Some(&input.cluster))?;
    configuration::check(input.configuration.as_ref())?;
    let key = Cluster::key_of(&found.region, &found.name);
    let settings = match input.settings {
        Some(given) => Some(cluster::settings(Some(given))?),
        None => None,
    };
    let cluster = ctx
        .write(move |tx| {
            tx.update::<Cluster>(&key, |cluster| {
                if let Some(settings) = settings {
                    cluster.settings = settings;
                }
                if let Some(configuration) = input.configuration {
                    cluster.configuration = Some(Stored(configuration));
                }
                if let Some(defaults) = input.service_connect_defaults {
                    let namespace = Some(defaults.namespace).filter(|n| !n.is_empty());
                    cluster.service_connect_defaults = namespace
                        .map(|n| Stored(ecs::ClusterServiceConnectDefaults { namespace: Some(n) }));
                }
            })
            .ok_or_else(cluster::not_found)
        })
        .await?;
    let shown = cluster::shown(&ctx.snapshot(), &cluster, &cluster::everything());
    Ok(UpdateClusterResponse { cluster: Some(shown) })
}
