//! `aws_ecs_cluster_capacity_providers`: all that a cluster has, with its strategy.

use async_trait::async_trait;
use neargate_api_types::ecs;
use serde_json::{Value as Json, json};

use super::ecs_cluster::cluster;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource};
use crate::waits;

pub struct EcsClusterCapacityProviders;

#[async_trait]
impl Resource for EcsClusterCapacityProviders {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["cluster_name"],
            defaults: &[
                ("default_capacity_provider_strategy.base", Fallback::Number(0)),
                ("default_capacity_provider_strategy.weight", Fallback::Number(0)),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        put(cloud, planned.required("cluster_name"), planned).await?;
        Ok(planned.required("cluster_name"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let Some(cluster) = cluster(cloud, &known.id()).await? else { return Ok(None) };
        known.extend(json!({
            "capacity_providers": cluster.capacity_providers.unwrap_or_default(),
            "cluster_name": cluster.cluster_name,
            "default_capacity_provider_strategy":
                strategy_blocks(cluster.default_capacity_provider_strategy),
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        put(cloud, planned.id(), planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        if cluster(cloud, &prior.id()).await?.is_none() {
            return Ok(());
        }
        put(cloud, prior.id(), &Attributes::default()).await
    }
}

/// Sets them, once the cluster lets them be set, and waits until it has them.
async fn put(cloud: &Cloud, name: String, planned: &Attributes) -> Result<(), Failure> {
    let input = ecs::PutClusterCapacityProvidersRequest {
        capacity_providers: planned.texts("capacity_providers"),
        cluster: name.clone(),
        default_capacity_provider_strategy: strategy(planned, "default_capacity_provider_strategy"),
    };
    let what = format!("Cluster {name}");
    let busy = ["ResourceInUseException", "UpdateInProgressException"];
    waits::delete(cloud, &what, &[], &busy, || {
        cloud.call::<ecs::PutClusterCapacityProviders>(&input)
    })
    .await?;
    let done = ["UPDATE_COMPLETE", waits::GONE];
    waits::state(cloud, &what, &["UPDATE_IN_PROGRESS"], &done, || async {
        Ok(cluster(cloud, &name).await?.and_then(|cluster| cluster.attachments_status))
    })
    .await
}

/// The strategy that the blocks of a name make.
pub fn strategy(planned: &Attributes, name: &str) -> Vec<ecs::CapacityProviderStrategyItem> {
    let blocks = planned.blocks(name).into_iter();
    let item = |block: Attributes| ecs::CapacityProviderStrategyItem {
        base: block.number("base").filter(|base| *base != 0),
        capacity_provider: block.required("capacity_provider"),
        weight: block.number("weight"),
    };
    blocks.map(item).collect()
}

/// A strategy as blocks.
pub fn strategy_blocks(strategy: Option<Vec<ecs::CapacityProviderStrategyItem>>) -> Vec<Json> {
    let block = |item: ecs::CapacityProviderStrategyItem| {
        json!({
            "base": item.base.unwrap_or(0),
            "capacity_provider": item.capacity_provider,
            "weight": item.weight.unwrap_or(0),
        })
    };
    strategy.unwrap_or_default().into_iter().map(block).collect()
}
