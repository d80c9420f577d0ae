//! Container instances: Fargate has none, so the lists are empty and every id is missing.

use neargate_api::types::ecs::{
    DescribeContainerInstancesRequest, DescribeContainerInstancesResponse,
    ListContainerInstancesRequest, ListContainerInstancesResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::{cluster, failure};

pub async fn list(
    ctx: Ctx,
    input: ListContainerInstancesRequest,
) -> Result<ListContainerInstancesResponse, AwsError> {
    cluster::find(&ctx, &ctx.snapshot(), input.cluster.as_deref())?;
    Ok(ListContainerInstancesResponse {
        container_instance_arns: Some(Vec::new()),
        next_token: None,
    })
}

pub async fn describe(
    ctx: Ctx,
    input: DescribeContainerInstancesRequest,
) -> Result<DescribeContainerInstancesResponse, AwsError> {
    cluster::find(&ctx, &ctx.snapshot(), input.cluster.as_deref())?;
    let failures = input.container_instances.into_iter().map(failure::missing).collect();
    Ok(DescribeContainerInstancesResponse {
        container_instances: Some(Vec::new()),
        failures: Some(failures),
    })
}
