//! A new task, as a record: what RunTask and the service scheduler both make.

use neargate_api_types::ecs;
use neargate_ids::{Arn, Rng, Timestamp};
use neargate_model::Tags;
use neargate_model::ecs::{
    Container, ContainerStatus, HealthStatus, Placement, Task, TaskDefinition, TaskStatus,
    TaskTarget,
};
use neargate_wire::Stored;

/// What a task is made from.
pub struct Seed<'a> {
    pub account: &'a str,
    pub cluster: &'a str,
    pub definition: &'a TaskDefinition,
    /// The service and its deployment, for a service's task.
    pub service: Option<(&'a str, &'a str)>,
    pub group: String,
    pub started_by: Option<String>,
    pub capacity_provider: Option<String>,
    pub platform_version: String,
    pub placement: Placement,
    pub overrides: Option<ecs::TaskOverride>,
    pub targets: Vec<TaskTarget>,
    pub enable_execute_command: bool,
    pub tags: Tags,
}

/// The platform that `LATEST` and nothing mean.
pub const LATEST_PLATFORM: &str = "1.4.0";

/// Makes the record of a task in PROVISIONING.
pub fn task(seed: Seed<'_>, rng: &Rng, now: Timestamp) -> Task {
    let definition = seed.definition;
    let region = &definition.region;
    let arn = |resource: String| Arn::new("ecs", region, seed.account, resource).to_string();
    let id = rng.hex(32);
    let overrides = seed.overrides.unwrap_or_default();
    let containers = definition
        .containers()
        .iter()
        .map(|c| {
            container(c, &overrides, &id, rng, |r| {
                arn(format!("container/{}/{id}/{r}", seed.cluster))
            })
        })
        .collect();
    let launch_type = if seed.capacity_provider.as_deref() == Some("FARGATE_SPOT") {
        None
    } else {
        Some("FARGATE")
    };
    let wire = ecs::Task {
        cluster_arn: Some(arn(format!("cluster/{}", seed.cluster))),
        capacity_provider_name: seed.capacity_provider,
        launch_type: Some(launch_type.unwrap_or("FARGATE").to_owned()),
        platform_version: Some(seed.platform_version),
        platform_family: Some("Linux".into()),
        cpu: overrides.cpu.clone().or_else(|| definition.wire.cpu.clone()),
        memory: overrides.memory.clone().or_else(|| definition.wire.memory.clone()),
        ephemeral_storage: overrides
            .ephemeral_storage
            .clone()
            .or_else(|| definition.wire.ephemeral_storage.clone())
            .or(Some(ecs::EphemeralStorage { size_in_gi_b: 20 })),
        enable_execute_command: Some(seed.enable_execute_command),
        group: Some(seed.group),
        started_by: seed.started_by,
        availability_zone: Some(seed.placement.availability_zone.clone()),
        ..Default::default()
    };
    Task {
        region: region.clone(),
        cluster: seed.cluster.to_owned(),
        arn: arn(format!("task/{}/{id}", seed.cluster)),
        id,
        task_definition_arn: definition.arn.clone(),
        service: seed.service.map(|(name, _)| name.to_owned()),
        deployment: seed.service.map(|(_, deployment)| deployment.to_owned()),
        status: TaskStatus::Provisioning,
        stop: None,
        interruption: None,
        placement: seed.placement,
        interface_id: None,
        private_ip: None,
        task_role_arn: overrides
            .task_role_arn
            .clone()
            .or_else(|| definition.wire.task_role_arn.clone()),
        execution_role_arn: overrides
            .execution_role_arn
            .clone()
            .or_else(|| definition.wire.execution_role_arn.clone()),
        containers,
        targets: seed.targets,
        created_at: now,
        pull_started_at: None,
        pull_stopped_at: None,
        started_at: None,
        stopping_at: None,
        execution_stopped_at: None,
        stopped_at: None,
        accounted: false,
        proven: false,
        protected_until: None,
        client_token: None,
        asked_for: None,
        version: 1,
        wire: Stored(ecs::Task { overrides: Some(shown(definition, overrides)), ..wire }),
        tags: seed.tags,
    }
}

/// Overrides as AWS shows them: of each container, also where nothing of it is overridden.
fn shown(definition: &TaskDefinition, given: ecs::TaskOverride) -> ecs::TaskOverride {
    let all = given.container_overrides.unwrap_or_default();
    let of = |container: &ecs::ContainerDefinition| {
        let name = container.name.clone();
        let found = all.iter().find(|o| o.name == name).cloned();
        found.unwrap_or_else(|| ecs::ContainerOverride { name, ..Default::default() })
    };
    ecs::TaskOverride {
        container_overrides: Some(definition.containers().iter().map(of).collect()),
        inference_accelerator_overrides: Some(
            given.inference_accelerator_overrides.unwrap_or_default(),
        ),
        ..given
    }
}

fn container(
    definition: &ecs::ContainerDefinition,
    overrides: &ecs::TaskOverride,
    task_id: &str,
    rng: &Rng,
    arn: impl Fn(&str) -> String,
) -> Container {
    let name = definition.name.clone().unwrap_or_default();
    let given = overrides
        .container_overrides
        .iter()
        .flatten()
        .find(|o| o.name.as_deref() == Some(name.as_str()));
    let whole = |number: Option<i32>| number.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let checked = definition
        .health_check
        .as_ref()
        .is_some_and(|check| check.command.first().is_some_and(|kind| kind != "NONE"));
    Container {
        arn: arn(&rng.uuid()),
        runtime_id: format!("{task_id}-{}", rng.digits(10)),
        image: definition.image.clone().unwrap_or_default(),
        image_digest: None,
        essential: definition.essential.unwrap_or(true),
        cpu: whole(given.and_then(|o| o.cpu).or(definition.cpu)).unwrap_or(0),
        memory: whole(given.and_then(|o| o.memory).or(definition.memory)),
        memory_reservation: whole(
            given.and_then(|o| o.memory_reservation).or(definition.memory_reservation),
        ),
        status: ContainerStatus::Pending,
        exit_code: None,
        reason: None,
        started_at: None,
        finished_at: None,
        restarts: 0,
        health: checked.then_some(HealthStatus::Unknown),
        name,
    }
}
