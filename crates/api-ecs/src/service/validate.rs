//! What a service must satisfy: references that exist, and settings that act.

use neargate_api::model::ecs::{Cluster, TaskDefinition};
use neargate_api::model::elbv2::{TargetGroup, load_balancers_of};
use neargate_api::types::ecs::{self, DeploymentConfiguration, error};
use neargate_api::{AwsError, Ctx, Snapshot};
use neargate_plan::placement;

use crate::cluster;

fn refuse<T>(message: impl Into<String>) -> Result<T, AwsError> {
    Err(error::invalid_parameter_exception(message))
}

/// Percentages, strategy and hooks of a deployment configuration.
pub fn deployment_configuration(
    configuration: Option<&DeploymentConfiguration>,
    desired_count: i32,
) -> Result<(), AwsError> {
    let Some(configuration) = configuration else { return Ok(()) };
    let minimum = configuration.minimum_healthy_percent.unwrap_or(100);
    let maximum = configuration.maximum_percent.unwrap_or(200);
    if !(0..=100).contains(&minimum) {
        return refuse("minimumHealthyPercent must be between 0 and 100.");
    }
    if maximum < minimum {
        return refuse("maximumPercent must be at least minimumHealthyPercent.");
    }
    if maximum < 100 || (minimum == 100 && maximum == 100 && desired_count > 0) {
        return refuse(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        );
    }
    if let Some(strategy @ ("BLUE_GREEN" | "LINEAR" | "CANARY")) = configuration.strategy.as_deref()
    {
        return refuse(format!("Neargate does not run {strategy} deployments yet: use ROLLING."));
    }
    let breaker = configuration.deployment_circuit_breaker.as_ref();
    let threshold = breaker.and_then(|breaker| breaker.threshold_configuration.as_ref());
    if threshold.is_some_and(|threshold| threshold.value < 1) {
        return refuse(
            "The value of a circuit breaker's thresholdConfiguration must be at least 1.",
        );
    }
    let alarms = configuration.alarms.as_ref().filter(|alarms| alarms.enable);
    if alarms.is_some_and(|alarms| alarms.alarm_names.is_empty()) {
        return refuse("alarmNames cannot be empty when deployment alarms are enabled.");
    }
    if configuration.early_success_criteria.is_some() {
        return refuse("Neargate does not run deployments with early success criteria yet.");
    }
    if configuration.lifecycle_hooks.as_ref().is_some_and(|hooks| !hooks.is_empty()) {
        return refuse("Neargate does not run deployment lifecycle hooks yet.");
    }
    Ok(())
}

/// How finely a service's use is told.
/// Source: MetricConfiguration in the ECS API reference.
pub fn monitoring(
    monitoring: Option<&ecs::MonitoringConfiguration>,
    is_by_ecs: bool,
) -> Result<(), AwsError> {
    let configurations = monitoring.and_then(|m| m.metric_configurations.as_ref());
    for configuration in configurations.into_iter().flatten() {
        let seconds = configuration.resolution_seconds;
        if ![20, 60].contains(&seconds) {
            return refuse(format!(
                "resolutionSeconds must be 20 or 60. The provided value is {seconds}."
            ));
        }
        let known =
            |name: &&String| ["CPUUtilization", "MemoryUtilization"].contains(&name.as_str());
        if let Some(other) = configuration.metric_names.iter().find(|name| !known(name)) {
            return refuse(format!(
                "metricNames must be CPUUtilization or MemoryUtilization. The provided value is {other}."
            ));
        }
        if seconds == 20 && !is_by_ecs {
            return refuse(
                "High-resolution metrics are not supported for services with a CODE_DEPLOY deployment controller.",
            );
        }
    }
    Ok(())
}

/// Whether a new service's tasks are moved between availability zones. AWS does so where nothing
/// is said and the service is fit for it.
/// Source: "Balancing an Amazon ECS service across Availability Zones" in the developer guide.
pub fn rebalancing(
    wish: Option<&str>,
    configuration: Option<&DeploymentConfiguration>,
    is_by_ecs: bool,
) -> Result<&'static str, AwsError> {
    let maximum = configuration.and_then(|c| c.maximum_percent).unwrap_or(200);
    match wish {
        Some("ENABLED") if maximum <= 100 => refuse(
            "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration.",
        ),
        Some("ENABLED") if !is_by_ecs => refuse(
            "Neargate rebalances no services with a CODE_DEPLOY deployment controller: set availabilityZoneRebalancing to \
             DISABLED.",
        ),
        None if is_by_ecs && maximum > 100 => Ok("ENABLED"),
        Some("ENABLED") => Ok("ENABLED"),
        _ => Ok("DISABLED"),
    }
}

/// What a service must have, and what it cannot have, for CodeDeploy to deploy it.
/// Source: "CodeDeploy blue/green deployments for Amazon ECS" in the ECS developer guide.
pub fn code_deploy(
    configuration: Option<&DeploymentConfiguration>,
    balancers: &[ecs::LoadBalancer],
) -> Result<(), AwsError> {
    code_deploy_configuration(configuration)?;
    match balancers.len() {
        0 => refuse("A load balancer is required when using a CODE_DEPLOY deployment controller."),
        1 => Ok(()),
        _ => refuse(
            "Multiple load balancers are not supported with a CODE_DEPLOY deployment controller.",
        ),
    }
}

/// The parts of a deployment configuration that only the ECS controller knows.
pub fn code_deploy_configuration(
    configuration: Option<&DeploymentConfiguration>,
) -> Result<(), AwsError> {
    let breaker = configuration.and_then(|c| c.deployment_circuit_breaker.as_ref());
    if breaker.is_some_and(|breaker| breaker.enable || breaker.rollback) {
        return refuse(
            "The deployment circuit breaker is only supported for services that use the rolling update (ECS) deployment \
             controller.",
        );
    }
    if configuration.and_then(|c| c.alarms.as_ref()).is_some_and(|alarms| alarms.enable) {
        return refuse(
            "Deployment alarms are only supported for services that use the rolling update (ECS) deployment controller: \
             set them in the deployment group of CodeDeploy.",
        );
    }
    Ok(())
}

/// Fargate's launch type or a strategy out of the cluster's providers.
pub fn launch(
    cluster: &Cluster,
    launch_type: Option<&str>,
    strategy: &[ecs::CapacityProviderStrategyItem],
) -> Result<(), AwsError> {
    if launch_type.is_some() && !strategy.is_empty() {
        return refuse(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
        );
    }
    match launch_type {
        Some("FARGATE") => return Ok(()),
        Some(other) => {
            return refuse(format!(
                "Neargate has Fargate only: the launch type {other} has no instances."
            ));
        }
        None => {}
    }
    if strategy.is_empty() && cluster.default_capacity_provider_strategy.is_empty() {
        return refuse(
            "No launch type or capacity provider strategy was given and the cluster has no default one, which means EC2: \
             Neargate has Fargate only. Set launchType FARGATE or a strategy of FARGATE and FARGATE_SPOT.",
        );
    }
    let mut providers = cluster.capacity_providers.clone();
    // AWS takes Fargate's own providers in a service even where the cluster does not list them.
    providers.extend(cluster::PROVIDERS.map(str::to_owned));
    cluster::check_strategy(&providers, strategy)
}

/// A task definition that Fargate can run, on a platform that there is.
pub fn fargate(definition: &TaskDefinition, platform: Option<&str>) -> Result<(), AwsError> {
    let compatible = definition.wire.compatibilities.iter().flatten().any(|c| c == "FARGATE");
    if !compatible {
        return refuse("Task definition does not support launch_type FARGATE.");
    }
    match platform {
        None | Some("" | "LATEST" | "1.3.0" | "1.4.0") => Ok(()),
        Some(_) => Err(error::platform_unknown_exception("The specified platform does not exist.")),
    }
}

/// ECS Exec goes by the task role's rights.
pub fn execute_command(enabled: Option<bool>, definition: &TaskDefinition) -> Result<(), AwsError> {
    if enabled == Some(true) && definition.wire.task_role_arn.is_none() {
        return refuse(
            "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in \
             your task definition and try again.",
        );
    }
    Ok(())
}

/// Placement is Fargate's own.
pub fn placement(
    constraints: Option<&Vec<ecs::PlacementConstraint>>,
    strategy: Option<&Vec<ecs::PlacementStrategy>>,
) -> Result<(), AwsError> {
    if constraints.is_some_and(|c| !c.is_empty()) {
        return refuse("Placement constraints are not supported with FARGATE launch type.");
    }
    if strategy.is_some_and(|s| !s.is_empty()) {
        return refuse("Placement strategies are not supported with FARGATE launch type.");
    }
    Ok(())
}

/// Subnets and security groups that exist.
pub fn network(
    ctx: &Ctx,
    snapshot: &Snapshot,
    network: Option<&ecs::NetworkConfiguration>,
) -> Result<(), AwsError> {
    match placement::choose(snapshot, &ctx.region, network, &[]) {
        Ok(_) => Ok(()),
        Err(no_place) => refuse(no_place.message()),
    }
}

/// Containers and ports that the task definition has, and target groups that take addresses.
pub fn load_balancers(
    snapshot: &Snapshot,
    definition: &TaskDefinition,
    balancers: &[ecs::LoadBalancer],
) -> Result<(), AwsError> {
    for balancer in balancers {
        let name = balancer.container_name.as_deref().unwrap_or_default();
        let port = balancer.container_port.unwrap_or(0);
        let container = definition.containers().iter().find(|c| c.name.as_deref() == Some(name));
        let Some(container) = container else {
            return refuse(format!("The container {name} does not exist in the task definition."));
        };
        if !container.port_mappings.iter().flatten().any(|p| p.container_port == Some(port)) {
            return refuse(format!(
                "The container {name} did not have a container port {port} defined."
            ));
        }
        let arn = balancer.target_group_arn.as_deref().unwrap_or_default();
        if arn.is_empty() {
            return refuse("A load balancer of a Fargate service needs a targetGroupArn.");
        }
        target_group(snapshot, arn)?;
    }
    Ok(())
}

fn target_group(snapshot: &Snapshot, arn: &str) -> Result<(), AwsError> {
    if !snapshot.contains::<TargetGroup>(arn) {
        return refuse(format!("The specified target group does not exist: {arn}"));
    }
    if load_balancers_of(snapshot, arn).is_empty() {
        return refuse(format!(
            "The target group with targetGroupArn {arn} does not have an associated load balancer."
        ));
    }
    Ok(())
}
