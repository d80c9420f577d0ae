//! ListServices.

use neargate_api::model::ecs::{Service, ServiceStatus};
use neargate_api::types::ecs::{ListServicesRequest, ListServicesResponse};
use neargate_api::{AwsError, Ctx};

use crate::{cluster, pages};

pub async fn call(ctx: Ctx, input: ListServicesRequest) -> Result<ListServicesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let prefix = format!("{}/{}/", ctx.region, cluster.name);
    let launched = |service: &Service| match &input.launch_type {
        Some(wanted) => service.wire.launch_type.as_ref() == Some(wanted),
        None => true,
    };
    let arns = snapshot
        .scan::<Service>(&prefix)
        .filter(|s| s.status != ServiceStatus::Inactive && launched(s))
        .filter(|_| input.scheduling_strategy.as_deref() != Some("DAEMON"))
        .map(|s| s.arn.clone());
    let page = pages::of(arns, input.next_token.as_deref(), input.max_results.or(Some(10)))?;
    Ok(ListServicesResponse { service_arns: Some(page.items), next_token: page.next_token })
}
