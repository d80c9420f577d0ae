//! What of clusters and services is accepted and does not act.

use neargate_api::model::ecs::{Cluster, Service, ServiceStatus};
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut found = Vec::new();
    for cluster in snapshot.all::<Cluster>().filter(|c| c.active) {
        let insights =
            cluster.settings.iter().any(|s| s.value.as_deref().is_some_and(|v| v != "disabled"));
        if insights {
            found.push(Inert::new(
                &cluster.arn,
                "settings.containerInsights",
                "AWS would collect Container Insights metrics of the cluster's tasks.",
            ));
        }
        if cluster.configuration.is_some() {
            found.push(Inert::new(
                &cluster.arn,
                "configuration",
                "AWS would log and encrypt ECS Exec sessions and encrypt storage as configured.",
            ));
        }
    }
    for service in snapshot.all::<Service>().filter(|s| s.status == ServiceStatus::Active) {
        let mut tell =
            |field: &str, on_aws: &str| found.push(Inert::new(&service.arn, field, on_aws));
        let configuration = service.wire.deployment_configuration.as_ref();
        if configuration.and_then(|c| c.alarms.as_ref()).is_some_and(|a| a.enable) {
            tell(
                "deploymentConfiguration.alarms",
                "AWS would fail a deployment when one of the alarms fires.",
            );
        }
    }
    found
}
