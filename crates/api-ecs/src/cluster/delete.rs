//! DeleteCluster: refused while services or tasks are in it; shown as INACTIVE afterwards.

use neargate_api::model::ecs::{Cluster, Service, ServiceStatus, Task, TaskStatus};
use neargate_api::types::ecs::{DeleteClusterRequest, DeleteClusterResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::cluster;

pub async fn call(
    ctx: Ctx,
    input: DeleteClusterRequest,
) -> Result<DeleteClusterResponse, AwsError> {
    let name = Cluster::name_in(Some(&input.cluster)).to_owned();
    let key = Cluster::key_of(&ctx.region, &name);
    let prefix = format!("{key}/");
    let at = key.clone();
    ctx.write(move |tx| {
        if !tx.get::<Cluster>(&key).is_some_and(|cluster| cluster.active) {
            return Err(cluster::not_found());
        }
        if tx.scan::<Service>(&prefix).any(|s| s.status == ServiceStatus::Active) {
            return Err(error::cluster_contains_services_exception(
                "The Cluster cannot be deleted while Services are active.",
            ));
        }
        if tx.scan::<Task>(&prefix).any(|t| t.status != TaskStatus::Stopped) {
            return Err(error::cluster_contains_tasks_exception(
                "The Cluster cannot be deleted while Tasks are active.",
            ));
        }
        tx.update::<Cluster>(&key, |cluster| cluster.active = false);
        Ok(())
    })
    .await?;
    let snapshot = ctx.snapshot();
    let cluster = snapshot.get::<Cluster>(&at).ok_or_else(cluster::not_found)?;
    Ok(DeleteClusterResponse {
        cluster: Some(cluster::shown(&snapshot, &cluster, &cluster::everything())),
    })
}
