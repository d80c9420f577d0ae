//! `data.aws_ecs_cluster`: the cluster with a name.

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};
use crate::resources::ecs_cluster::cluster;
use crate::tags;

pub struct EcsCluster;

#[async_trait]
impl Data for EcsCluster {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        let name = config.required("cluster_name");
        let Some(cluster) = cluster(cloud, &name).await? else {
            return Err(Failure::told(format!("There is no cluster {name}")));
        };
        let namespace = cluster.service_connect_defaults.and_then(|defaults| defaults.namespace);
        let namespace = namespace.into_iter().map(|namespace| json!({ "namespace": namespace }));
        let settings = cluster.settings.unwrap_or_default().into_iter();
        let settings =
            settings.map(|setting| json!({ "name": setting.name, "value": setting.value }));
        config.extend(json!({
            "arn": cluster.cluster_arn,
            "id": cluster.cluster_arn,
            "pending_tasks_count": cluster.pending_tasks_count,
            "registered_container_instances_count": cluster.registered_container_instances_count,
            "running_tasks_count": cluster.running_tasks_count,
            "service_connect_defaults": namespace.collect::<Vec<Json>>(),
            "setting": settings.collect::<Vec<Json>>(),
            "status": cluster.status,
            "tags": tags::ecs::found(cluster.tags),
        }));
        Ok(config)
    }
}
