//! CreateService: the service and its first deployment; the scheduler starts the tasks.

use std::collections::VecDeque;
use std::sync::Arc;

use neargate_api::model::ecs::{AskedFor, Controller, Service, ServiceStatus};
use neargate_api::types::ecs::{self, CreateServiceRequest, CreateServiceResponse, error};
use neargate_api::{AwsError, Ctx, Record, Snapshot, Stored};

use super::{arn, deployment, first_task_set, platform, shown, validate};
use crate::{cluster, tags, task_definition};

pub async fn call(
    ctx: Ctx,
    input: CreateServiceRequest,
) -> Result<CreateServiceResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    check(&input)?;
    let strategy = input.capacity_provider_strategy.clone().unwrap_or_default();
    validate::launch(&cluster, input.launch_type.as_deref(), &strategy)?;
    let reference = input.task_definition.as_deref().ok_or_else(|| {
        error::invalid_parameter_exception("TaskDefinition cannot be null or empty.")
    })?;
    let definition = task_definition::find_active(&ctx, &snapshot, reference)?;
    validate::network(&ctx, &snapshot, input.network_configuration.as_ref())?;
    validate::fargate(&definition, input.platform_version.as_deref())?;
    validate::execute_command(input.enable_execute_command, &definition)?;
    let balancers = input.load_balancers.as_deref().unwrap_or_default();
    validate::load_balancers(&snapshot, &definition, balancers)?;
    let desired_count = desired_count(&input)?;
    let tags = tags::read(input.tags.clone())?;
    let controller = match input.deployment_controller.as_ref().map(|c| c.r#type.as_str()) {
        Some("CODE_DEPLOY") => Controller::CodeDeploy,
        Some("EXTERNAL") => {
            return Err(error::invalid_parameter_exception(
                "Neargate has no EXTERNAL deployment controller: use ECS.",
            ));
        }
        _ => Controller::Ecs,
    };
    if controller == Controller::CodeDeploy {
        validate::code_deploy(
            input.deployment_configuration.as_ref(),
            input.load_balancers.as_deref().unwrap_or_default(),
        )?;
    }
    validate::monitoring(input.monitoring.as_ref(), controller == Controller::Ecs)?;
    let rebalancing = validate::rebalancing(
        input.availability_zone_rebalancing.as_deref(),
        input.deployment_configuration.as_ref(),
        controller == Controller::Ecs,
    )?;
    let arn = arn(&ctx, Some(&cluster.name), &input.service_name);
    let default_strategy =
        || cluster.default_capacity_provider_strategy.iter().map(|s| s.0.clone()).collect();
    let strategy = match (&input.launch_type, strategy.is_empty()) {
        (None, true) => default_strategy(),
        _ => strategy,
    };
    let name = input.service_name.clone();
    let client_token = input.client_token.clone();
    let monitoring = input.monitoring.clone().map(Stored);
    let wire = wire(&ctx, input, &arn, &cluster.arn, strategy);
    let wire = ecs::Service { availability_zone_rebalancing: Some(rebalancing.into()), ..wire };
    let first = deployment(&ctx, &wire, &definition);
    let first = match controller {
        Controller::CodeDeploy => first_task_set(first, &wire),
        _ => first,
    };
    let service = Service {
        region: ctx.region.clone(),
        cluster: cluster.name.clone(),
        name,
        arn,
        status: ServiceStatus::Active,
        controller,
        desired_count,
        deployments: vec![first],
        last_completed: None,
        events: VecDeque::new(),
        steady: false,
        rebalancing: None,
        asked_for: client_token.map(|client_token| {
            let wire = ecs::Service { created_at: None, created_by: None, ..wire.clone() };
            Box::new(AskedFor {
                client_token,
                task_definition_arn: definition.arn.clone(),
                desired_count,
                wire: Stored(wire),
                tags: tags.clone(),
            })
        }),
        monitoring,
        created_at: ctx.now,
        deleted_at: None,
        wire: Stored(wire),
        tags,
    };
    let made = ctx.write(move |tx| {
        let mut service = service;
        if let Some(earlier) = earlier(tx.view(), &service)? {
            return Ok(Service::clone(&earlier));
        }
        match tx.get::<Service>(&service.key()).map(|s| s.status) {
            None | Some(ServiceStatus::Inactive) => {}
            Some(ServiceStatus::Active) => {
                return Err(error::invalid_parameter_exception(
                    "Creation of service was not idempotent.",
                ));
            }
            Some(ServiceStatus::Draining) => {
                return Err(error::invalid_parameter_exception(
                    "Unable to Start a service that is still Draining.",
                ));
            }
        }
        service.ignore_alarms(tx.view());
        tx.put(service.clone());
        Ok(service)
    });
    let made = made.await?;
    Ok(CreateServiceResponse { service: Some(shown(&ctx.snapshot(), &made, true)) })
}

/// The service that an earlier request with the same token has made, if it was the same request.
/// Source: "Ensuring idempotency" in the ECS API reference.
fn earlier(snapshot: &Snapshot, wanted: &Service) -> Result<Option<Arc<Service>>, AwsError> {
    let Some(asked_for) = &wanted.asked_for else { return Ok(None) };
    let prefix = Service::key_of(&wanted.region, &wanted.cluster, "");
    let has_token = |service: &Arc<Service>| {
        let earlier = service.asked_for.as_ref();
        service.status == ServiceStatus::Active
            && earlier.is_some_and(|earlier| earlier.client_token == asked_for.client_token)
    };
    match snapshot.scan::<Service>(&prefix).find(has_token) {
        Some(earlier) if earlier.asked_for.as_ref() != Some(asked_for) => {
            Err(error::invalid_parameter_exception("Creation of service was not idempotent."))
        }
        earlier => Ok(earlier),
    }
}

/// What needs no other resource to judge.
fn check(input: &CreateServiceRequest) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::invalid_parameter_exception(message));
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = &input.service_name;
    if name.is_empty() || name.len() > 255 || !name.chars().all(allowed) {
        return refuse(
            "Service name must be 1 to 255 letters, numbers, hyphens or underscores.".into(),
        );
    }
    if input.scheduling_strategy.as_deref() == Some("DAEMON") {
        return refuse("The daemon scheduling strategy is not supported with Fargate.".into());
    }
    let some = |what: &str, set: bool| {
        if set {
            refuse(format!("Neargate does not run services with {what} yet."))
        } else {
            Ok(())
        }
    };
    validate::placement(input.placement_constraints.as_ref(), input.placement_strategy.as_ref())?;
    let connect = input.service_connect_configuration.as_ref().is_some_and(|c| c.enabled);
    some("serviceConnectConfiguration", connect)?;
    some("serviceRegistries", input.service_registries.as_ref().is_some_and(|r| !r.is_empty()))?;
    some(
        "volumeConfigurations",
        input.volume_configurations.as_ref().is_some_and(|v| !v.is_empty()),
    )?;
    some(
        "vpcLatticeConfigurations",
        input.vpc_lattice_configurations.as_ref().is_some_and(|v| !v.is_empty()),
    )?;
    if input.health_check_grace_period_seconds.is_some_and(|s| s > 0)
        && input.load_balancers.as_ref().is_none_or(Vec::is_empty)
    {
        return refuse(
            "Health check grace period is only valid for services configured to use load balancers"
                .into(),
        );
    }
    validate::deployment_configuration(
        input.deployment_configuration.as_ref(),
        input.desired_count.unwrap_or(0),
    )
}

fn desired_count(input: &CreateServiceRequest) -> Result<u32, AwsError> {
    let count = input.desired_count.unwrap_or(0);
    u32::try_from(count).ok().filter(|count| *count <= 5000).ok_or_else(|| {
        error::invalid_parameter_exception("desiredCount must be between 0 and 5000.")
    })
}

/// What AWS shows of it, with the defaults filled in.
fn wire(
    ctx: &Ctx,
    input: CreateServiceRequest,
    arn: &str,
    cluster_arn: &str,
    strategy: Vec<ecs::CapacityProviderStrategyItem>,
) -> ecs::Service {
    let with_balancers = input.load_balancers.as_ref().is_some_and(|b| !b.is_empty());
    let codedeploy =
        input.deployment_controller.as_ref().is_some_and(|c| c.r#type == "CODE_DEPLOY");
    ecs::Service {
        service_arn: Some(arn.to_owned()),
        service_name: Some(input.service_name),
        cluster_arn: Some(cluster_arn.to_owned()),
        created_at: Some(ctx.now),
        created_by: Some(ctx.caller.arn(ctx.account())),
        capacity_provider_strategy: Some(strategy).filter(|s| !s.is_empty()),
        launch_type: input.launch_type,
        deployment_configuration: Some(with_defaults(input.deployment_configuration, codedeploy)),
        deployment_controller: Some(
            input
                .deployment_controller
                .unwrap_or(ecs::DeploymentController { r#type: "ECS".into() }),
        ),
        enable_ecs_managed_tags: Some(input.enable_ecs_managed_tags.unwrap_or(false)),
        enable_execute_command: Some(input.enable_execute_command.unwrap_or(false)),
        health_check_grace_period_seconds: input
            .health_check_grace_period_seconds
            .or(with_balancers.then_some(0)),
        load_balancers: Some(input.load_balancers.unwrap_or_default()),
        network_configuration: input.network_configuration.map(network_with_defaults),
        placement_constraints: Some(input.placement_constraints.unwrap_or_default()),
        placement_strategy: Some(input.placement_strategy.unwrap_or_default()),
        platform_family: Some("Linux".into()),
        platform_version: Some(input.platform_version.map_or_else(
            || "LATEST".into(),
            |v| if v == "LATEST" { v } else { platform(Some(&v)) },
        )),
        propagate_tags: Some(input.propagate_tags.unwrap_or_else(|| "NONE".into())),
        role_arn: Some(format!(
            "arn:aws:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            ctx.account()
        )),
        scheduling_strategy: Some("REPLICA".into()),
        service_registries: Some(Vec::new()),
        ..Default::default()
    }
}

fn with_defaults(
    given: Option<ecs::DeploymentConfiguration>,
    codedeploy: bool,
) -> ecs::DeploymentConfiguration {
    let mut configuration = given.unwrap_or_default();
    configuration.maximum_percent.get_or_insert(200);
    configuration.minimum_healthy_percent.get_or_insert(100);
    if codedeploy {
        configuration.deployment_circuit_breaker = None;
    } else {
        configuration.deployment_circuit_breaker.get_or_insert_default();
        configuration.strategy.get_or_insert_with(|| "ROLLING".into());
        configuration.bake_time_in_minutes.get_or_insert(0);
    }
    configuration
}

/// A network configuration as AWS shows it back.
pub fn network_with_defaults(mut network: ecs::NetworkConfiguration) -> ecs::NetworkConfiguration {
    if let Some(vpc) = &mut network.awsvpc_configuration {
        vpc.assign_public_ip.get_or_insert_with(|| "DISABLED".into());
        vpc.security_groups.get_or_insert_default();
    }
    network
}
