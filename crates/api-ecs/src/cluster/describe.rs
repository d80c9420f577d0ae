//! DescribeClusters.

use neargate_api::model::ecs::Cluster;
use neargate_api::types::ecs::{DescribeClustersRequest, DescribeClustersResponse};
use neargate_api::{AwsError, Ctx};

use crate::{cluster, failure};

pub async fn call(
    ctx: Ctx,
    input: DescribeClustersRequest,
) -> Result<DescribeClustersResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let include = input.include.unwrap_or_default();
    let wanted = input.clusters.filter(|c| !c.is_empty()).unwrap_or_else(|| vec!["default".into()]);
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for reference in &wanted {
        let key = Cluster::key_of(&ctx.region, Cluster::name_in(Some(reference)));
        match snapshot.get::<Cluster>(&key) {
            Some(found) => clusters.push(cluster::shown(&snapshot, &found, &include)),
            None => failures.push(failure::missing(cluster::arn(&ctx, Some(reference)))),
        }
    }
    Ok(DescribeClustersResponse { clusters: Some(clusters), failures: Some(failures) })
}
