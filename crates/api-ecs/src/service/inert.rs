//! What of clusters and services is accepted and does not act.

use neargate_api::model::ecs::{Cluster, Service, ServiceStatus};
use neargate_api::types::ecs::NetworkConfiguration;
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
        let is_on = service.wire.availability_zone_rebalancing.as_deref() == Some("ENABLED");
        if is_on && subnets(service.wire.network_configuration.as_ref()) > 1 {
            found.push(Inert::new(
                &service.arn,
                "availabilityZoneRebalancing",
                "AWS would also move running tasks out of a zone that has more than its share; here new tasks and scaling in even the zones out.",
            ));
        }
    }
    found
}

fn subnets(network: Option<&NetworkConfiguration>) -> usize {
    let own = network.and_then(|network| network.awsvpc_configuration.as_ref());
    own.map_or(0, |own| own.subnets.len())
}
