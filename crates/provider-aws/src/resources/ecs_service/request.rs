//! What ECS is asked for: a new service, or what changes of one.

use neargate_api_types::ecs;
use neargate_aws_client::CallError;

use super::super::ecs_cluster_capacity_providers::strategy;
use super::super::ecs_service_connect as connect;
use crate::attributes::Attributes;
use crate::tags;

/// A role or a target group is not known everywhere yet.
pub fn is_early(error: &CallError) -> bool {
    let said = error.service().map(|error| error.message.as_str()).unwrap_or_default();
    error.is_any(&["InvalidParameterException"])
        && [
            "does not have an associated load balancer",
            "verify that the ECS service role",
            "unable to assume",
        ]
        .iter()
        .any(|part| said.contains(part))
}

/// Something of it is under way.
pub fn is_busy(error: &CallError) -> bool {
    let said = error.service().map(|error| error.message.as_str()).unwrap_or_default();
    (error.is_any(&["InvalidParameterException"])
        && said.contains("The service cannot be stopped while deployments are active"))
        || (error.is_any(&["ClientException"]) && said.contains("has a dependent object"))
}

/// The request for a new one.
pub fn of_new(planned: &Attributes) -> ecs::CreateServiceRequest {
    let strategy = strategy(planned, "capacity_provider_strategy");
    let daemon = planned.text("scheduling_strategy") == Some("DAEMON");
    ecs::CreateServiceRequest {
        availability_zone_rebalancing: planned.string("availability_zone_rebalancing"),
        capacity_provider_strategy: Some(strategy).filter(|strategy| !strategy.is_empty()),
        cluster: planned.string("cluster"),
        deployment_configuration: deployment(planned),
        deployment_controller: planned
            .block("deployment_controller")
            .map(|block| ecs::DeploymentController { r#type: block.required("type") }),
        desired_count: (!daemon).then(|| planned.number("desired_count").unwrap_or(0)),
        enable_ecs_managed_tags: planned.bool("enable_ecs_managed_tags"),
        enable_execute_command: planned.bool("enable_execute_command"),
        health_check_grace_period_seconds: planned.number("health_check_grace_period_seconds"),
        launch_type: planned.string("launch_type"),
        load_balancers: Some(balancers(planned)).filter(|all| !all.is_empty()),
        network_configuration: network(planned),
        placement_constraints: Some(constraints(planned)).filter(|all| !all.is_empty()),
        placement_strategy: Some(placement(planned)).filter(|all| !all.is_empty()),
        platform_version: planned.string("platform_version"),
        propagate_tags: planned.string("propagate_tags").filter(|from| from != "NONE"),
        role: planned.string("iam_role"),
        scheduling_strategy: planned.string("scheduling_strategy"),
        service_connect_configuration: connect::of(planned),
        service_name: planned.required("name"),
        service_registries: Some(registries(planned)).filter(|all| !all.is_empty()),
        tags: tags::ecs::given(planned),
        task_definition: planned.string("task_definition"),
        volume_configurations: Some(connect::volumes(planned)).filter(|all| !all.is_empty()),
        vpc_lattice_configurations: Some(connect::lattices(planned)).filter(|all| !all.is_empty()),
        ..Default::default()
    }
}

/// The request for what is to change; none if nothing but tags is.
pub fn of_changed(prior: &Attributes, planned: &Attributes) -> Option<ecs::UpdateServiceRequest> {
    let force = planned.is("force_new_deployment");
    let changed = |names: &[&str]| prior.any_differs(planned, names);
    let is = |name: &str| changed(&[name]);
    let text = |name: &str| planned.string(name).filter(|_| is(name));
    let deploys = changed(&[
        "alarms",
        "deployment_circuit_breaker",
        "deployment_maximum_percent",
        "deployment_minimum_healthy_percent",
    ]);
    let input = ecs::UpdateServiceRequest {
        availability_zone_rebalancing: text("availability_zone_rebalancing"),
        capacity_provider_strategy: is("capacity_provider_strategy")
            .then(|| strategy(planned, "capacity_provider_strategy")),
        deployment_configuration: deployment(planned).filter(|_| deploys),
        desired_count: is("desired_count").then(|| planned.number("desired_count").unwrap_or(0)),
        enable_ecs_managed_tags: planned
            .bool("enable_ecs_managed_tags")
            .filter(|_| is("enable_ecs_managed_tags")),
        enable_execute_command: planned
            .bool("enable_execute_command")
            .filter(|_| is("enable_execute_command")),
        force_new_deployment: None,
        health_check_grace_period_seconds: is("health_check_grace_period_seconds")
            .then(|| planned.number("health_check_grace_period_seconds").unwrap_or(0)),
        load_balancers: is("load_balancer").then(|| balancers(planned)),
        network_configuration: network(planned).filter(|_| is("network_configuration")),
        placement_constraints: is("placement_constraints").then(|| constraints(planned)),
        placement_strategy: is("ordered_placement_strategy").then(|| placement(planned)),
        platform_version: text("platform_version"),
        propagate_tags: is("propagate_tags")
            .then(|| planned.string("propagate_tags").unwrap_or_else(|| "NONE".to_owned())),
        service_connect_configuration: is("service_connect_configuration").then(|| {
            let off = ecs::ServiceConnectConfiguration::default();
            connect::of(planned).unwrap_or(off)
        }),
        service_registries: is("service_registries").then(|| registries(planned)),
        task_definition: text("task_definition"),
        volume_configurations: is("volume_configuration").then(|| connect::volumes(planned)),
        vpc_lattice_configurations: is("vpc_lattice_configurations")
            .then(|| connect::lattices(planned)),
        ..Default::default()
    };
    let nothing = input == ecs::UpdateServiceRequest::default() && !is("triggers");
    (!nothing).then(|| ecs::UpdateServiceRequest {
        cluster: planned.string("cluster"),
        force_new_deployment: force.then_some(true),
        service: planned.id(),
        ..input
    })
}

fn deployment(planned: &Attributes) -> Option<ecs::DeploymentConfiguration> {
    let rolls = planned
        .block("deployment_controller")
        .is_none_or(|block| matches!(block.text("type"), None | Some("ECS")));
    let breaker = planned.block("deployment_circuit_breaker").filter(|_| rolls);
    let alarms = planned.block("alarms");
    Some(ecs::DeploymentConfiguration {
        alarms: alarms.map(|block| ecs::DeploymentAlarms {
            alarm_names: block.texts("alarm_names"),
            enable: block.is("enable"),
            rollback: block.is("rollback"),
        }),
        deployment_circuit_breaker: breaker.map(|block| ecs::DeploymentCircuitBreaker {
            enable: block.is("enable"),
            rollback: block.is("rollback"),
            ..Default::default()
        }),
        maximum_percent: planned.number("deployment_maximum_percent"),
        minimum_healthy_percent: planned.number("deployment_minimum_healthy_percent"),
        ..Default::default()
    })
}

fn balancers(planned: &Attributes) -> Vec<ecs::LoadBalancer> {
    let balancer = |block: Attributes| ecs::LoadBalancer {
        container_name: block.string("container_name"),
        container_port: block.number("container_port"),
        load_balancer_name: block.string("elb_name"),
        target_group_arn: block.string("target_group_arn"),
        ..Default::default()
    };
    planned.blocks("load_balancer").into_iter().map(balancer).collect()
}

fn network(planned: &Attributes) -> Option<ecs::NetworkConfiguration> {
    let block = planned.block("network_configuration")?;
    let public = if block.is("assign_public_ip") { "ENABLED" } else { "DISABLED" };
    let awsvpc_configuration = Some(ecs::AwsVpcConfiguration {
        assign_public_ip: Some(public.to_owned()),
        security_groups: block.some_texts("security_groups"),
        subnets: block.texts("subnets"),
    });
    Some(ecs::NetworkConfiguration { awsvpc_configuration })
}

fn constraints(planned: &Attributes) -> Vec<ecs::PlacementConstraint> {
    let constraint = |block: Attributes| ecs::PlacementConstraint {
        expression: block.string("expression"),
        r#type: block.string("type"),
    };
    planned.blocks("placement_constraints").into_iter().map(constraint).collect()
}

fn placement(planned: &Attributes) -> Vec<ecs::PlacementStrategy> {
    let strategy = |block: Attributes| ecs::PlacementStrategy {
        field: block.string("field"),
        r#type: block.string("type"),
    };
    planned.blocks("ordered_placement_strategy").into_iter().map(strategy).collect()
}

fn registries(planned: &Attributes) -> Vec<ecs::ServiceRegistry> {
    let registry = |block: Attributes| ecs::ServiceRegistry {
        container_name: block.string("container_name"),
        container_port: block.number("container_port").filter(|port| *port > 0),
        port: block.number("port").filter(|port| *port > 0),
        registry_arn: block.string("registry_arn"),
    };
    planned.blocks("service_registries").into_iter().map(registry).collect()
}
