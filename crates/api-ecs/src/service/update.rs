//! UpdateService: changes what is wanted. Anything that tasks are made of makes
//! a new deployment; counts and percentages do not.

use std::sync::Arc;

use neargate_api::model::ecs::{
    Cluster, Controller, DeploymentStatus, Service, ServiceStatus, TaskDefinition,
};
use neargate_api::types::ecs::{self, UpdateServiceRequest, UpdateServiceResponse, error};
use neargate_api::{AwsError, Ctx, Stored};

use super::create::network_with_defaults;
use super::{deployment, find, not_found, shown, validate};
use crate::{cluster, task_definition};

pub async fn call(
    ctx: Ctx,
    input: UpdateServiceRequest,
) -> Result<UpdateServiceResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let found = find(&ctx, &snapshot, &cluster.name, &input.service).ok_or_else(not_found)?;
    check(&ctx, &cluster, &found, &input)?;
    let definition = definition(&ctx, &found, &input)?;
    let key = Service::key_of(&ctx.region, &cluster.name, &found.name);
    let deploys = deploys(&input);
    let at = ctx.clone();
    let updated = ctx
        .write(move |tx| {
            let service = tx.get::<Service>(&key).ok_or_else(not_found)?;
            if service.status != ServiceStatus::Active {
                return Err(error::service_not_active_exception("Service was not ACTIVE."));
            }
            let view = tx.view().clone();
            tx.update::<Service>(&key, |service| {
                apply(&at, service, input, definition.as_deref(), deploys);
                if deploys {
                    service.ignore_alarms(&view);
                }
            })
            .ok_or_else(not_found)
        })
        .await?;
    Ok(UpdateServiceResponse { service: Some(shown(&ctx.snapshot(), &updated, false)) })
}

/// Whether the change makes a new deployment.
/// Source: the descriptions of UpdateService's members in the ECS API reference.
fn deploys(input: &UpdateServiceRequest) -> bool {
    input.force_new_deployment == Some(true)
        || input.task_definition.is_some()
        || input.network_configuration.is_some()
        || input.platform_version.is_some()
        || input.capacity_provider_strategy.is_some()
        || input.load_balancers.is_some()
        || input.monitoring.is_some()
}

fn check(
    ctx: &Ctx,
    cluster: &Cluster,
    service: &Service,
    input: &UpdateServiceRequest,
) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
    if service.controller == Controller::CodeDeploy {
        check_code_deploy(input)?;
    }
    let present = service.wire.deployment_controller.as_ref().map(|c| &c.r#type);
    let asked = input.deployment_controller.as_ref().map(|c| &c.r#type);
    if asked.is_some() && asked != present {
        return refuse(
            "Neargate does not change the deployment controller of a service: delete it and make it anew.",
        );
    }
    if input.desired_count.is_some_and(|count| !(0..=5000).contains(&count)) {
        return refuse("desiredCount must be between 0 and 5000.");
    }
    let connect = input.service_connect_configuration.as_ref().is_some_and(|c| c.enabled);
    let registries = input.service_registries.as_ref().is_some_and(|r| !r.is_empty());
    if connect || registries {
        return refuse(
            "Neargate does not run services with Service Connect or service registries yet.",
        );
    }
    let volumes = input.volume_configurations.as_ref().is_some_and(|v| !v.is_empty());
    let lattice = input.vpc_lattice_configurations.as_ref().is_some_and(|v| !v.is_empty());
    if volumes || lattice {
        return refuse("Neargate does not run services with EBS volumes or VPC Lattice yet.");
    }
    validate::placement(input.placement_constraints.as_ref(), input.placement_strategy.as_ref())?;
    if let Some(strategy) = &input.capacity_provider_strategy {
        validate::launch(cluster, None, strategy)?;
    }
    if let Some(network) = &input.network_configuration {
        validate::network(ctx, &ctx.snapshot(), Some(network))?;
    }
    check_rebalancing(service, input)?;
    validate::monitoring(input.monitoring.as_ref(), service.controller == Controller::Ecs)?;
    let desired_count = input.desired_count.unwrap_or(service.desired_count as i32);
    validate::deployment_configuration(input.deployment_configuration.as_ref(), desired_count)
}

/// What is given goes with what stays.
fn check_rebalancing(service: &Service, input: &UpdateServiceRequest) -> Result<(), AwsError> {
    let given = input.deployment_configuration.as_ref().filter(|c| c.maximum_percent.is_some());
    if given.is_none() && input.availability_zone_rebalancing.is_none() {
        return Ok(());
    }
    let wish = input.availability_zone_rebalancing.as_ref();
    let wish = wish.or(service.wire.availability_zone_rebalancing.as_ref());
    let configuration = given.or(service.wire.deployment_configuration.as_ref());
    let is_by_ecs = service.controller == Controller::Ecs;
    validate::rebalancing(wish.map(String::as_str), configuration, is_by_ecs)?;
    Ok(())
}

/// What only a deployment of CodeDeploy changes.
fn check_code_deploy(input: &UpdateServiceRequest) -> Result<(), AwsError> {
    let refuse = |what: &str| {
        Err(error::invalid_parameter_exception(format!(
            "{what} on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
        )))
    };
    let given = [
        ("task definition", input.task_definition.is_some()),
        ("network parameters", input.network_configuration.is_some()),
        ("load balancers", input.load_balancers.is_some()),
        ("platform version", input.platform_version.is_some()),
        ("capacity provider strategy", input.capacity_provider_strategy.is_some()),
    ];
    if let Some((what, _)) = given.iter().find(|(_, given)| *given) {
        return refuse(&format!("Unable to update {what}"));
    }
    if input.force_new_deployment == Some(true) {
        return refuse("Cannot force a new deployment");
    }
    validate::code_deploy_configuration(input.deployment_configuration.as_ref())
}

/// The task definition of the new deployment, where there is one.
fn definition(
    ctx: &Ctx,
    service: &Service,
    input: &UpdateServiceRequest,
) -> Result<Option<Arc<TaskDefinition>>, AwsError> {
    if !deploys(input) {
        return Ok(None);
    }
    let present = service.primary().map(|d| d.task_definition_arn.clone());
    let reference = input.task_definition.clone().or(present);
    let reference =
        reference.ok_or_else(|| error::client_exception("TaskDefinition not found."))?;
    let snapshot = ctx.snapshot();
    let definition = if input.task_definition.is_some() {
        task_definition::find_active(ctx, &snapshot, &reference)?
    } else {
        task_definition::find(ctx, &snapshot, &reference)
            .ok_or_else(|| error::client_exception("TaskDefinition not found."))?
    };
    let balancers = input.load_balancers.as_ref().or(service.wire.load_balancers.as_ref());
    let balancers = balancers.map(Vec::as_slice).unwrap_or_default();
    validate::load_balancers(&snapshot, &definition, balancers)?;
    validate::fargate(&definition, input.platform_version.as_deref())?;
    let enabled = input.enable_execute_command.or(service.wire.enable_execute_command);
    validate::execute_command(enabled, &definition)?;
    Ok(Some(definition))
}

fn apply(
    ctx: &Ctx,
    service: &mut Service,
    input: UpdateServiceRequest,
    definition: Option<&TaskDefinition>,
    deploys: bool,
) {
    if let Some(count) = input.desired_count {
        let count = count.max(0) as u32;
        if count != service.desired_count {
            service.desired_count = count;
            service.steady = false;
            super::task_sets::tell_counts(ctx, service);
        }
    }
    if let Some(monitoring) = &input.monitoring {
        service.monitoring = Some(Stored(monitoring.clone()));
    }
    merge(&mut service.wire, input);
    if let (true, Some(definition)) = (deploys, definition) {
        let next = deployment(ctx, &service.wire, definition);
        for old in &mut service.deployments {
            old.status = DeploymentStatus::Active;
        }
        service.deployments.insert(0, next);
        service.steady = false;
    }
}

/// Replaces what was given; the rest stays.
fn merge(wire: &mut ecs::Service, input: UpdateServiceRequest) {
    fn set<T>(to: &mut Option<T>, given: Option<T>) {
        if given.is_some() {
            *to = given;
        }
    }
    set(&mut wire.availability_zone_rebalancing, input.availability_zone_rebalancing);
    if let Some(strategy) = input.capacity_provider_strategy {
        wire.capacity_provider_strategy = Some(strategy).filter(|s| !s.is_empty());
        wire.launch_type = None;
    }
    if let Some(given) = input.deployment_configuration {
        let kept = wire.deployment_configuration.get_or_insert_default();
        set(&mut kept.alarms, given.alarms);
        set(&mut kept.bake_time_in_minutes, given.bake_time_in_minutes);
        set(&mut kept.deployment_circuit_breaker, given.deployment_circuit_breaker);
        set(&mut kept.maximum_percent, given.maximum_percent);
        set(&mut kept.minimum_healthy_percent, given.minimum_healthy_percent);
    }
    set(&mut wire.deployment_controller, input.deployment_controller);
    set(&mut wire.enable_ecs_managed_tags, input.enable_ecs_managed_tags);
    set(&mut wire.enable_execute_command, input.enable_execute_command);
    set(&mut wire.health_check_grace_period_seconds, input.health_check_grace_period_seconds);
    set(&mut wire.load_balancers, input.load_balancers);
    set(&mut wire.network_configuration, input.network_configuration.map(network_with_defaults));
    set(&mut wire.placement_constraints, input.placement_constraints);
    set(&mut wire.placement_strategy, input.placement_strategy);
    set(&mut wire.platform_version, input.platform_version);
    set(&mut wire.propagate_tags, input.propagate_tags);
}
