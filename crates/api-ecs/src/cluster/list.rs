//! ListClusters.

use neargate_api::model::ecs::Cluster;
use neargate_api::types::ecs::{ListClustersRequest, ListClustersResponse};
use neargate_api::{AwsError, Ctx};

use crate::pages;

pub async fn call(ctx: Ctx, input: ListClustersRequest) -> Result<ListClustersResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = format!("{}/", ctx.region);
    let arns = snapshot.scan::<Cluster>(&prefix).filter(|c| c.active).map(|c| c.arn.clone());
    let page = pages::of(arns, input.next_token.as_deref(), input.max_results)?;
    Ok(ListClustersResponse { cluster_arns: Some(page.items), next_token: page.next_token })
}
