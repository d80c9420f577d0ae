//! ListTasks.

use neargate_api::model::ecs::{Service, Task, TaskStatus};
use neargate_api::types::ecs::{ListTasksRequest, ListTasksResponse};
use neargate_api::{AwsError, Ctx};

use crate::{cluster, pages, service};

pub async fn call(ctx: Ctx, input: ListTasksRequest) -> Result<ListTasksResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let service = match &input.service_name {
        Some(name) => {
            service::find(&ctx, &snapshot, &cluster.name, name).ok_or_else(service::not_found)?;
            Some(Service::name_in(name))
        }
        None => None,
    };
    let desired = input.desired_status.as_deref().unwrap_or("RUNNING");
    let family = |task: &Task| {
        let name = task.task_definition_arn.rsplit('/').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default().to_owned()
    };
    let prefix = format!("{}/{}/", ctx.region, cluster.name);
    let arns = snapshot
        .scan::<Task>(&prefix)
        // Nothing is ever desired to be pending, as AWS says of this filter.
        .filter(|t| match desired {
            "RUNNING" => t.is_wanted(),
            "STOPPED" => !t.is_wanted() || t.status == TaskStatus::Stopped,
            _ => false,
        })
        .filter(|t| service.is_none() || t.service.as_deref() == service)
        .filter(|t| input.family.as_ref().is_none_or(|wanted| family(t) == *wanted))
        .filter(|t| input.started_by.is_none() || t.wire.started_by == input.started_by)
        .filter(|t| input.launch_type.is_none() || t.wire.launch_type == input.launch_type)
        .filter(|_| input.container_instance.is_none())
        .map(|t| t.arn.clone());
    let page = pages::of(arns, input.next_token.as_deref(), input.max_results)?;
    Ok(ListTasksResponse { task_arns: Some(page.items), next_token: page.next_token })
}
