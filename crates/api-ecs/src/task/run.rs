//! RunTask: tasks of their own, without a service.

use std::sync::Arc;

use neargate_api::model::ecs::{
    CAPACITY_UNAVAILABLE, Cluster, FARGATE_SPOT, Placement, SpotShortage, Task, TaskDefinition,
};
use neargate_api::types::ecs::{RunTaskRequest, RunTaskResponse, error};
use neargate_api::{AwsError, Ctx, Snapshot, Stored, Tags};
use neargate_plan::{launch, placement, strategy};

use super::{overrides, shown};
use crate::{cluster, failure, pass_role, service, tags, task_definition};

pub async fn call(ctx: Ctx, mut input: RunTaskRequest) -> Result<RunTaskResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let definition = task_definition::find_active(&ctx, &snapshot, &input.task_definition)?;
    let count = input.count.unwrap_or(1);
    if !(1..=10).contains(&count) {
        return Err(error::invalid_parameter_exception("Count must be between 1 and 10."));
    }
    let strategy = input.capacity_provider_strategy.clone().unwrap_or_default();
    service::check_launch(&cluster, input.launch_type.as_deref(), &strategy)?;
    service::check_fargate(&definition, input.platform_version.as_deref())?;
    check(&input)?;
    input.overrides = match input.overrides.take() {
        Some(given) => Some(overrides::checked(&definition, given)?),
        None => None,
    };
    let overridden_role = input.overrides.as_ref().and_then(|o| o.task_role_arn.as_ref());
    if input.enable_execute_command == Some(true)
        && overridden_role.or(definition.wire.task_role_arn.as_ref()).is_none()
    {
        return Err(error::invalid_parameter_exception(
            "The task couldn't be started because a valid taskRoleArn is not being used. Specify a valid task role in your \
             task definition and try again.",
        ));
    }
    for role in
        input.overrides.iter().flat_map(|o| [&o.task_role_arn, &o.execution_role_arn]).flatten()
    {
        pass_role::check(&ctx, role)?;
    }
    let asked_for = RunTaskRequest {
        cluster: Some(cluster.arn.clone()),
        task_definition: definition.arn.clone(),
        ..input.clone()
    };
    let tags = with_propagated(&input, &cluster, &definition)?;
    let network = input.network_configuration.clone();
    let mut tasks: Vec<Arc<Task>> = Vec::new();
    let mut failures = Vec::new();
    for _ in 0..count {
        let place = placement::choose(&snapshot, &ctx.region, network.as_ref(), &tasks)
            .map_err(|e| error::invalid_parameter_exception(e.message()))?;
        let provider = provider(&cluster, &input, &tasks, failures.len() as u32);
        if SpotShortage::holds_back(&snapshot, provider.as_deref()) {
            failures.push(failure::unplaced(CAPACITY_UNAVAILABLE));
            continue;
        }
        tasks.push(Arc::new(one(
            &ctx,
            &cluster,
            &definition,
            (&input, &asked_for),
            place,
            provider,
            tags.clone(),
        )));
    }
    let prefix = format!("{}/{}/", ctx.region, cluster.name);
    let made = ctx
        .write(move |tx| {
            if let Some(earlier) = earlier(tx.view(), &prefix, &asked_for)? {
                return Ok(earlier);
            }
            for task in &tasks {
                tx.put(Task::clone(task));
            }
            Ok(tasks)
        })
        .await?;
    let snapshot = ctx.snapshot();
    let shown = made.iter().map(|task| shown(&snapshot, task, true)).collect();
    Ok(RunTaskResponse { tasks: Some(shown), failures: Some(failures) })
}

/// What Fargate has no use for, and what we have not.
fn check(input: &RunTaskRequest) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
    if input.placement_constraints.as_ref().is_some_and(|c| !c.is_empty()) {
        return refuse("Placement constraints are not supported with FARGATE launch type.");
    }
    if input.placement_strategy.as_ref().is_some_and(|s| !s.is_empty()) {
        return refuse("Placement strategies are not supported with FARGATE launch type.");
    }
    if input.volume_configurations.as_ref().is_some_and(|v| !v.is_empty()) {
        return refuse(
            "Neargate has no EBS volumes: remove volumeConfigurations and use an empty volume.",
        );
    }
    if input.propagate_tags.as_deref() == Some("SERVICE") {
        return refuse("Tags of a SERVICE cannot be propagated to a task without a service.");
    }
    if input.started_by.as_ref().is_some_and(|text| text.chars().count() > 128) {
        return refuse("startedBy must be at most 128 characters long.");
    }
    Ok(())
}

/// The tasks that were made by an earlier request with the same token, if it was the same.
/// Source: "Ensuring idempotency" in the ECS API reference.
fn earlier(
    snapshot: &Snapshot,
    prefix: &str,
    asked_for: &RunTaskRequest,
) -> Result<Option<Vec<Arc<Task>>>, AwsError> {
    if asked_for.client_token.is_none() {
        return Ok(None);
    }
    let same_token = |task: &Arc<Task>| task.client_token == asked_for.client_token;
    let found: Vec<Arc<Task>> = snapshot.scan::<Task>(prefix).filter(same_token).collect();
    let Some(first) = found.first() else { return Ok(None) };
    if first.asked_for.as_ref().is_some_and(|earlier| earlier.0 == *asked_for) {
        return Ok(Some(found));
    }
    let arns: Vec<String> = found.iter().map(|task| task.arn.clone()).collect();
    let refused = error::conflict_exception(
        "The request was already made with this client token and other parameters: it started the tasks in resourceIds.",
    );
    Err(refused.with("resourceIds", arns))
}

fn with_propagated(
    input: &RunTaskRequest,
    cluster: &Cluster,
    definition: &TaskDefinition,
) -> Result<Tags, AwsError> {
    let mut tags = match input.propagate_tags.as_deref() {
        Some("TASK_DEFINITION") => definition.tags.clone(),
        _ => Tags::new(),
    };
    tags.extend(tags::read(input.tags.clone())?);
    if input.enable_ecs_managed_tags == Some(true) {
        tags.insert("aws:ecs:clusterName".into(), cluster.name.clone());
    }
    Ok(tags)
}

/// The capacity provider of the next task, where a strategy decides; Fargate Spot was short
/// for so many already.
fn provider(
    cluster: &Cluster,
    input: &RunTaskRequest,
    tasks: &[Arc<Task>],
    short: u32,
) -> Option<String> {
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
                .count() as u32
                + if item.capacity_provider == FARGATE_SPOT { short } else { 0 },
        })
        .collect();
    strategy::choose(&items).map(str::to_owned)
}

fn one(
    ctx: &Ctx,
    cluster: &Cluster,
    definition: &TaskDefinition,
    (input, asked_for): (&RunTaskRequest, &RunTaskRequest),
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
    Task {
        client_token: input.client_token.clone(),
        asked_for: input.client_token.as_ref().map(|_| Stored(asked_for.clone())),
        ..launch::task(seed, ctx.rng(), ctx.now)
    }
}
