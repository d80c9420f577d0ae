//! RunTask: tasks of their own, without a service.

use std::sync::Arc;

use neargate_api::model::ecs::{Cluster, Placement, Task, TaskDefinition};
use neargate_api::types::ecs::{RunTaskRequest, RunTaskResponse, TaskOverride, error};
use neargate_api::{AwsError, Ctx, Tags};
use neargate_plan::{launch, placement, strategy};

use super::shown;
use crate::{cluster, pass_role, service, tags, task_definition};

pub async fn call(ctx: Ctx, input: RunTaskRequest) -> Result<RunTaskResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let definition = task_definition::find_active(&ctx, &snapshot, &input.task_definition)?;
    let count = input.count.unwrap_or(1);
    if !(1..=10).contains(&count) {
        return Err(error::invalid_parameter_exception("Count must be between 1 and 10."));
    }
    let strategy = input.capacity_provider_strategy.clone().unwrap_or_default();
    service::check_launch(&cluster, input.launch_type.as_deref(), &strategy)?;
    if let Some(overrides) = &input.overrides {
        check_overrides(&definition, overrides)?;
    }
    for role in
        input.overrides.iter().flat_map(|o| [&o.task_role_arn, &o.execution_role_arn]).flatten()
    {
        pass_role::check(&ctx, role)?;
    }
    let tags = with_propagated(&input, &definition)?;
    let network = input.network_configuration.clone();
    let mut tasks: Vec<Arc<Task>> = Vec::new();
    for _ in 0..count {
        let place = placement::choose(&snapshot, &ctx.region, network.as_ref(), &tasks)
            .map_err(|e| error::invalid_parameter_exception(e.message()))?;
        let provider = provider(&cluster, &input, &tasks);
        tasks.push(Arc::new(one(
            &ctx,
            &cluster,
            &definition,
            &input,
            place,
            provider,
            tags.clone(),
        )));
    }
    let made = tasks.clone();
    ctx.write(move |tx| {
        for task in tasks {
            tx.put(Task::clone(&task));
        }
        Ok(())
    })
    .await?;
    let snapshot = ctx.snapshot();
    let shown = made.iter().map(|task| shown(&snapshot, task, true)).collect();
    Ok(RunTaskResponse { tasks: Some(shown), failures: Some(Vec::new()) })
}

fn check_overrides(definition: &TaskDefinition, overrides: &TaskOverride) -> Result<(), AwsError> {
    for given in overrides.container_overrides.iter().flatten() {
        let known = definition.containers().iter().any(|c| c.name == given.name);
        if !known {
            return Err(error::invalid_parameter_exception(format!(
                "Override for container named {} is not a container in the TaskDefinition.",
                given.name.as_deref().unwrap_or_default()
            )));
        }
    }
    Ok(())
}

fn with_propagated(input: &RunTaskRequest, definition: &TaskDefinition) -> Result<Tags, AwsError> {
    let mut tags = match input.propagate_tags.as_deref() {
        Some("TASK_DEFINITION") => definition.tags.clone(),
        _ => Tags::new(),
    };
    tags.extend(tags::read(input.tags.clone())?);
    Ok(tags)
}

/// The capacity provider of the next task, where a strategy decides.
fn provider(cluster: &Cluster, input: &RunTaskRequest, tasks: &[Arc<Task>]) -> Option<String> {
    if input.launch_type.is_some() {
        return None;
    }
    let defaults =
        || cluster.default_capacity_provider_strategy.iter().map(|s| s.0.clone()).collect();
    let given =
        input.capacity_provider_strategy.clone().filter(|s| !s.is_empty()).unwrap_or_else(defaults);
    let items: Vec<strategy::Item> = given
        .iter()
        .map(|item| strategy::Item {
            provider: item.capacity_provider.clone(),
            base: item.base.unwrap_or(0).max(0) as u32,
            weight: item.weight.unwrap_or(0).max(0) as u32,
            tasks: tasks
                .iter()
                .filter(|t| t.wire.capacity_provider_name.as_ref() == Some(&item.capacity_provider))
                .count() as u32,
        })
        .collect();
    strategy::choose(&items).map(str::to_owned)
}

fn one(
    ctx: &Ctx,
    cluster: &Cluster,
    definition: &TaskDefinition,
    input: &RunTaskRequest,
    placement: Placement,
    capacity_provider: Option<String>,
    tags: Tags,
) -> Task {
    let seed = launch::Seed {
        account: ctx.account(),
        cluster: &cluster.name,
        definition,
        service: None,
        group: input.group.clone().unwrap_or_else(|| format!("family:{}", definition.family)),
        started_by: input.started_by.clone(),
        capacity_provider,
        platform_version: service::platform(input.platform_version.as_deref()),
        placement,
        overrides: input.overrides.clone(),
        targets: Vec::new(),
        enable_execute_command: input.enable_execute_command.unwrap_or(false),
        tags,
    };
    launch::task(seed, ctx.rng(), ctx.now)
}
