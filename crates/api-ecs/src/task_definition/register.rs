//! RegisterTaskDefinition: the next revision of a family, with AWS's defaults filled in.

use neargate_api::model::ecs::{Family, TaskDefinition};
use neargate_api::types::ecs::{
    self, ContainerDefinition, RegisterTaskDefinitionRequest, RegisterTaskDefinitionResponse,
};
use neargate_api::{AwsError, Ctx, Stored};

use super::{shown, validate};
use crate::{pass_role, tags};

pub async fn call(
    ctx: Ctx,
    input: RegisterTaskDefinitionRequest,
) -> Result<RegisterTaskDefinitionResponse, AwsError> {
    validate::check(&input)?;
    let tags = tags::read(input.tags.clone())?;
    for role in [&input.task_role_arn, &input.execution_role_arn].into_iter().flatten() {
        pass_role::check(&ctx, role)?;
    }
    let (region, family) = (ctx.region.clone(), input.family.clone());
    let arn = ctx.arn("ecs", format!("task-definition/{family}"));
    let registered_by = ctx.caller.arn(ctx.account());
    let wire = with_defaults(input, registered_by);
    let now = ctx.now;
    let shown_tags = tags::shown(&tags);
    let made = ctx
        .write(move |tx| {
            let key = format!("{region}/{family}");
            let last = tx.get::<Family>(&key).map_or(0, |f| f.last_revision);
            let revision = last + 1;
            tx.put(Family {
                region: region.clone(),
                name: family.clone(),
                last_revision: revision,
            });
            let made = TaskDefinition {
                arn: format!("{arn}:{revision}"),
                region,
                family,
                revision,
                active: true,
                registered_at: now,
                deregistered_at: None,
                wire: Stored(wire),
                tags,
            };
            tx.put(made.clone());
            Ok(made)
        })
        .await?;
    Ok(RegisterTaskDefinitionResponse {
        task_definition: Some(shown(&made)),
        tags: Some(shown_tags),
    })
}

fn with_defaults(
    input: RegisterTaskDefinitionRequest,
    registered_by: String,
) -> ecs::TaskDefinition {
    let fargate = validate::runs_on_fargate(&input);
    let compatibilities = if fargate { vec!["EC2", "FARGATE"] } else { vec!["EC2"] };
    let whole = |text: Option<String>, unit: &str| {
        text.map(|t| validate::units(&t, unit).map_or(t, |number| number.to_string()))
    };
    ecs::TaskDefinition {
        container_definitions: Some(
            input.container_definitions.into_iter().map(container_with_defaults).collect(),
        ),
        cpu: whole(input.cpu, "vcpu"),
        memory: whole(input.memory, "gb"),
        compatibilities: Some(compatibilities.into_iter().map(str::to_owned).collect()),
        enable_fault_injection: input.enable_fault_injection,
        ephemeral_storage: input.ephemeral_storage,
        execution_role_arn: input.execution_role_arn,
        ipc_mode: input.ipc_mode,
        network_mode: input.network_mode,
        pid_mode: input.pid_mode,
        placement_constraints: Some(input.placement_constraints.unwrap_or_default()),
        proxy_configuration: input.proxy_configuration,
        registered_by: Some(registered_by),
        requires_compatibilities: input.requires_compatibilities,
        runtime_platform: input.runtime_platform,
        task_role_arn: input.task_role_arn,
        volumes: Some(input.volumes.unwrap_or_default()),
        ..Default::default()
    }
}

/// A container as AWS shows it: some absent members become empty, ports get their host side.
fn container_with_defaults(mut container: ContainerDefinition) -> ContainerDefinition {
    container.cpu.get_or_insert(0);
    container.essential.get_or_insert(true);
    container.environment.get_or_insert_default();
    container.mount_points.get_or_insert_default();
    container.volumes_from.get_or_insert_default();
    container.system_controls.get_or_insert_default();
    for port in container.port_mappings.get_or_insert_default() {
        if port.host_port.is_none_or(|p| p == 0) {
            port.host_port = port.container_port;
        }
        port.protocol.get_or_insert_with(|| "tcp".into());
    }
    if let Some(check) = &mut container.health_check {
        check.interval.get_or_insert(30);
        check.timeout.get_or_insert(5);
        check.retries.get_or_insert(3);
    }
    container
}
