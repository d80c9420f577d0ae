//! What of clusters is accepted and does not act.

use neargate_api::model::ecs::Cluster;
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
    found
}
