//! Clusters: what their operations share.

mod configuration;
pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
pub mod put_capacity_providers;
pub mod update;
pub mod update_settings;

use std::sync::Arc;

use neargate_api::model::ecs::{Cluster, ServiceStatus, Task, TaskStatus};
use neargate_api::types::ecs::{self, error};
use neargate_api::{AwsError, Ctx, Snapshot, Stored};

use crate::tags;

/// The ARN that a reference to a cluster (a name, an ARN, or nothing) means.
pub fn arn(ctx: &Ctx, reference: Option<&str>) -> String {
    ctx.arn("ecs", format!("cluster/{}", Cluster::name_in(reference)))
}

/// The active cluster that is referred to.
pub fn find(
    ctx: &Ctx,
    snapshot: &Snapshot,
    reference: Option<&str>,
) -> Result<Arc<Cluster>, AwsError> {
    let name = Cluster::name_in(reference);
    snapshot
        .get::<Cluster>(&Cluster::key_of(&ctx.region, name))
        .filter(|cluster| cluster.active)
        .ok_or_else(not_found)
}

/// AWS's error for a cluster that is not there.
pub fn not_found() -> AwsError {
    error::cluster_not_found_exception("Cluster not found.")
}

/// The settings as AWS has them: Container Insights is there even if nobody asked for it.
fn settings(
    given: Option<Vec<ecs::ClusterSetting>>,
) -> Result<Vec<Stored<ecs::ClusterSetting>>, AwsError> {
    let mut insights = "disabled".to_owned();
    for setting in given.unwrap_or_default() {
        match (setting.name.as_deref(), setting.value.as_deref()) {
            (Some("containerInsights"), Some(value @ ("enabled" | "disabled" | "enhanced"))) => {
                insights = value.to_owned();
            }
            (name, value) => {
                return Err(error::invalid_parameter_exception(format!(
                    "Invalid cluster setting: {}={}. containerInsights may be enhanced, enabled or disabled.",
                    name.unwrap_or_default(),
                    value.unwrap_or_default()
                )));
            }
        }
    }
    let setting =
        ecs::ClusterSetting { name: Some("containerInsights".into()), value: Some(insights) };
    Ok(vec![Stored(setting)])
}

/// The providers that every account has.
pub const PROVIDERS: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

/// Refuses providers that do not exist and strategies that AWS does not take.
pub fn check_strategy(
    providers: &[String],
    strategy: &[ecs::CapacityProviderStrategyItem],
) -> Result<(), AwsError> {
    if let Some(unknown) = providers.iter().find(|p| !PROVIDERS.contains(&p.as_str())) {
        return Err(error::invalid_parameter_exception(format!(
            "The specified capacity provider {unknown} was not found. Specify a valid name or ARN and try again."
        )));
    }
    let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
    if strategy.len() > 20 {
        return refuse(
            "The capacity provider strategy can contain a maximum of 20 capacity providers.",
        );
    }
    if strategy.iter().filter(|item| item.base.unwrap_or(0) > 0).count() > 1 {
        return refuse(
            "Only one capacity provider in a capacity provider strategy can have a base defined.",
        );
    }
    if !strategy.is_empty() && strategy.iter().all(|item| item.weight.unwrap_or(0) == 0) {
        return refuse(
            "The capacity provider strategy must include at least one capacity provider with a weight greater than 0.",
        );
    }
    for item in strategy {
        if !providers.contains(&item.capacity_provider) {
            return Err(error::invalid_parameter_exception(format!(
                "The specified capacity provider {} is not associated with the cluster. Associate it with \
                 PutClusterCapacityProviders first.",
                item.capacity_provider
            )));
        }
    }
    Ok(())
}

/// A cluster as AWS shows it. `include` adds what is only told on demand.
pub fn shown(snapshot: &Snapshot, cluster: &Cluster, include: &[String]) -> ecs::Cluster {
    let asked = |what: &str| include.iter().any(|i| i == what);
    let prefix = format!("{}/{}/", cluster.region, cluster.name);
    let tasks = || snapshot.scan::<Task>(&prefix);
    let services = snapshot.scan::<neargate_api::model::ecs::Service>(&prefix);
    let active = services.filter(|s| s.status == ServiceStatus::Active).count();
    let running = tasks().filter(|t| t.status == TaskStatus::Running).count();
    let pending = tasks().filter(|t| t.status < TaskStatus::Running).count();
    ecs::Cluster {
        cluster_arn: Some(cluster.arn.clone()),
        cluster_name: Some(cluster.name.clone()),
        status: Some(if cluster.active { "ACTIVE" } else { "INACTIVE" }.into()),
        active_services_count: Some(active as i32),
        running_tasks_count: Some(running as i32),
        pending_tasks_count: Some(pending as i32),
        registered_container_instances_count: Some(0),
        statistics: Some(Vec::new()),
        capacity_providers: Some(cluster.capacity_providers.clone()),
        default_capacity_provider_strategy: Some(
            cluster.default_capacity_provider_strategy.iter().map(|s| s.0.clone()).collect(),
        ),
        settings: Some(if asked("SETTINGS") {
            cluster.settings.iter().map(|s| s.0.clone()).collect()
        } else {
            Vec::new()
        }),
        configuration: cluster
            .configuration
            .as_ref()
            .filter(|_| asked("CONFIGURATIONS"))
            .map(|c| c.0.clone()),
        service_connect_defaults: cluster.service_connect_defaults.as_ref().map(|d| d.0.clone()),
        tags: Some(if asked("TAGS") { tags::shown(&cluster.tags) } else { Vec::new() }),
        ..Default::default()
    }
}

/// All that can be asked for.
pub fn everything() -> Vec<String> {
    ["SETTINGS", "CONFIGURATIONS", "TAGS"].map(str::to_owned).to_vec()
}
