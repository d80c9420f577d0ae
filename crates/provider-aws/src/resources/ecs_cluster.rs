//! `aws_ecs_cluster`.

use async_trait::async_trait;
use neargate_api_types::ecs;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::{tags, waits};

pub struct EcsCluster;

const MISSING: [&str; 1] = ["ClusterNotFoundException"];

const BUSY: [&str; 5] = [
    "ClusterContainsCapacityProviderException",
    "ClusterContainsContainerInstancesException",
    "ClusterContainsServicesException",
    "ClusterContainsTasksException",
    "UpdateInProgressException",
];

#[async_trait]
impl Resource for EcsCluster {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["name"], filled: &["setting"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ecs::CreateClusterRequest {
            cluster_name: planned.string("name"),
            configuration: planned.block("configuration").map(configuration),
            service_connect_defaults: connect_defaults(planned),
            settings: settings(planned),
            tags: tags::ecs::given(planned),
            ..Default::default()
        };
        let cluster = cloud.call::<ecs::CreateCluster>(&input).await?.cluster.unwrap_or_default();
        Ok(cluster.cluster_arn.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        active(cloud, &planned.id()).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let Some(cluster) = cluster(cloud, &known.id()).await? else { return Ok(None) };
        let settings: Vec<Json> = cluster
            .settings
            .unwrap_or_default()
            .into_iter()
            .map(|setting| json!({ "name": setting.name, "value": setting.value }))
            .collect();
        let namespace = cluster.service_connect_defaults.and_then(|defaults| defaults.namespace);
        let namespace: Vec<Json> =
            namespace.into_iter().map(|namespace| json!({ "namespace": namespace })).collect();
        let configured = cluster.configuration.filter(|is| *is != Default::default());
        let configured: Vec<Json> = configured.into_iter().map(configuration_block).collect();
        known.extend(json!({
            "arn": cluster.cluster_arn,
            "configuration": configured,
            "id": cluster.cluster_arn,
            "name": cluster.cluster_name,
            "service_connect_defaults": namespace,
            "setting": settings,
        }));
        tags::set(&mut known, cloud, tags::ecs::found(cluster.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let id = planned.id();
        let parts = ["configuration", "service_connect_defaults", "setting"];
        if prior.any_differs(planned, &parts) {
            let changed = |name: &str| prior.differs(planned, name);
            let configuration = planned.block("configuration").map(configuration);
            // Nothing in it takes away what was.
            let none = ecs::ClusterServiceConnectDefaultsRequest { namespace: String::new() };
            let defaults = connect_defaults(planned).unwrap_or(none);
            let input = ecs::UpdateClusterRequest {
                cluster: id.clone(),
                configuration: changed("configuration").then(|| configuration.unwrap_or_default()),
                service_connect_defaults: changed("service_connect_defaults").then_some(defaults),
                settings: settings(planned).filter(|_| changed("setting")),
            };
            cloud.call::<ecs::UpdateCluster>(&input).await?;
            active(cloud, &id).await?;
        }
        tags::ecs::update(cloud, &id, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = ecs::DeleteClusterRequest { cluster: prior.id() };
        let what = format!("Cluster {}", prior.required("name"));
        waits::delete(cloud, &what, &MISSING, &BUSY, || cloud.call::<ecs::DeleteCluster>(&input))
            .await?;
        let on_the_way = ["ACTIVE", "DEPROVISIONING"];
        waits::state(cloud, &what, &on_the_way, &[waits::GONE], || async {
            Ok(cluster(cloud, &prior.id()).await?.and_then(|cluster| cluster.status))
        })
        .await
    }
}

/// The cluster with a name or an ARN, unless it is deleted.
pub async fn cluster(cloud: &Cloud, id: &str) -> Result<Option<ecs::Cluster>, Failure> {
    let include = ["CONFIGURATIONS", "SETTINGS", "TAGS"].map(str::to_owned).to_vec();
    let input = ecs::DescribeClustersRequest {
        clusters: Some(vec![id.to_owned()]),
        include: Some(include),
    };
    let described = found(cloud.call::<ecs::DescribeClusters>(&input).await, &MISSING)?;
    let cluster = described.and_then(|output| output.clusters?.into_iter().next());
    Ok(cluster.filter(|cluster| cluster.status.as_deref() != Some("INACTIVE")))
}

async fn active(cloud: &Cloud, id: &str) -> Result<(), Failure> {
    let what = format!("Cluster {id}");
    waits::state(cloud, &what, &["PROVISIONING", waits::GONE], &["ACTIVE"], || async {
        Ok(cluster(cloud, id).await?.and_then(|cluster| cluster.status))
    })
    .await
}

fn settings(planned: &Attributes) -> Option<Vec<ecs::ClusterSetting>> {
    let blocks = planned.blocks("setting").into_iter();
    let settings = blocks.map(|block| ecs::ClusterSetting {
        name: block.string("name"),
        value: block.string("value"),
    });
    Some(settings.collect()).filter(|settings: &Vec<_>| !settings.is_empty())
}

fn connect_defaults(planned: &Attributes) -> Option<ecs::ClusterServiceConnectDefaultsRequest> {
    let namespace = planned.block("service_connect_defaults")?.required("namespace");
    Some(ecs::ClusterServiceConnectDefaultsRequest { namespace })
}

fn configuration(block: Attributes) -> ecs::ClusterConfiguration {
    let execute = block.block("execute_command_configuration");
    let storage = block.block("managed_storage_configuration");
    ecs::ClusterConfiguration {
        execute_command_configuration: execute.map(|execute| ecs::ExecuteCommandConfiguration {
            kms_key_id: execute.string("kms_key_id"),
            log_configuration: execute.block("log_configuration").map(log_configuration),
            logging: execute.string("logging"),
        }),
        managed_storage_configuration: storage.map(|storage| ecs::ManagedStorageConfiguration {
            fargate_ephemeral_storage_kms_key_id: storage
                .string("fargate_ephemeral_storage_kms_key_id"),
            kms_key_id: storage.string("kms_key_id"),
        }),
    }
}

fn log_configuration(block: Attributes) -> ecs::ExecuteCommandLogConfiguration {
    ecs::ExecuteCommandLogConfiguration {
        cloud_watch_encryption_enabled: block.bool("cloud_watch_encryption_enabled"),
        cloud_watch_log_group_name: block.string("cloud_watch_log_group_name"),
        s3_bucket_name: block.string("s3_bucket_name"),
        s3_encryption_enabled: block.bool("s3_bucket_encryption_enabled"),
        s3_key_prefix: block.string("s3_key_prefix"),
    }
}

fn configuration_block(configuration: ecs::ClusterConfiguration) -> Json {
    let execute = configuration.execute_command_configuration.into_iter().map(|execute| {
        let logs = execute.log_configuration.into_iter().map(|logs| {
            json!({
                "cloud_watch_encryption_enabled": logs.cloud_watch_encryption_enabled.unwrap_or(false),
                "cloud_watch_log_group_name": logs.cloud_watch_log_group_name.unwrap_or_default(),
                "s3_bucket_encryption_enabled": logs.s3_encryption_enabled.unwrap_or(false),
                "s3_bucket_name": logs.s3_bucket_name.unwrap_or_default(),
                "s3_key_prefix": logs.s3_key_prefix.unwrap_or_default(),
            })
        });
        json!({
            "kms_key_id": execute.kms_key_id.unwrap_or_default(),
            "log_configuration": logs.collect::<Vec<Json>>(),
            "logging": execute.logging,
        })
    });
    let storage = configuration.managed_storage_configuration.into_iter().map(|storage| {
        json!({
            "fargate_ephemeral_storage_kms_key_id":
                storage.fargate_ephemeral_storage_kms_key_id.unwrap_or_default(),
            "kms_key_id": storage.kms_key_id.unwrap_or_default(),
        })
    });
    json!({
        "execute_command_configuration": execute.collect::<Vec<Json>>(),
        "managed_storage_configuration": storage.collect::<Vec<Json>>(),
    })
}
