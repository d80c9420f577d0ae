//! What ECS says of a service, as attributes. A cluster, a task definition and a role
//! keep the form in which they were written: an ARN, or a name.

use neargate_api_types::ecs;
use serde_json::{Value as Json, json};

use super::super::ecs_cluster_capacity_providers::strategy_blocks;
use crate::attributes::Attributes;

/// Sets what there is on top of what is known.
pub fn describe(known: &mut Attributes, service: ecs::Service) {
    let deployment = service.deployment_configuration.clone().unwrap_or_default();
    let arn_or_name = |known: Option<&str>, arn: Option<String>| {
        let arn = arn.unwrap_or_default();
        let name = arn.rsplit_once('/').map(|(_, name)| name.to_owned());
        match known {
            Some(known) if !known.starts_with("arn:") => name.unwrap_or(arn),
            _ => arn,
        }
    };
    let cluster = arn_or_name(known.text("cluster"), service.cluster_arn.clone());
    let definition = match known.text("task_definition") {
        // An import has none yet.
        None => arn_or_name(Some(""), service.task_definition.clone()),
        written => arn_or_name(written, service.task_definition.clone()),
    };
    let triggers =
        if known.get("triggers").is_null() { json!({}) } else { known.get("triggers").clone() };
    if let Some(arn) = &service.role_arn {
        let written_as_arn = known.text("iam_role").is_some_and(|role| role.starts_with("arn:"));
        let path = arn.split_once(":role").map_or(arn.as_str(), |(_, path)| path);
        known.set("iam_role", if written_as_arn { arn.as_str() } else { role(path) });
    } else if known.get("iam_role").is_null() {
        known.set("iam_role", "");
    }
    known.extend(json!({
        "availability_zone_rebalancing": service.availability_zone_rebalancing,
        "cluster": cluster,
        "deployment_maximum_percent": deployment.maximum_percent,
        "deployment_minimum_healthy_percent": deployment.minimum_healthy_percent,
        "desired_count": service.desired_count,
        "enable_ecs_managed_tags": service.enable_ecs_managed_tags.unwrap_or(false),
        "enable_execute_command": service.enable_execute_command.unwrap_or(false),
        "health_check_grace_period_seconds": service.health_check_grace_period_seconds.unwrap_or(0),
        "id": service.service_arn,
        "launch_type": service.launch_type.clone().unwrap_or_default(),
        "name": service.service_name,
        "platform_version": service.platform_version.clone().unwrap_or_default(),
        "propagate_tags": service.propagate_tags.clone().unwrap_or_default(),
        "scheduling_strategy": service.scheduling_strategy,
        "task_definition": definition,
        "triggers": triggers,
        "wait_for_steady_state": known.is("wait_for_steady_state"),
    }));
    known.extend(blocks(service, deployment));
}

/// A role in no path is said by its name alone.
fn role(path: &str) -> &str {
    match path.strip_prefix('/') {
        Some(name) if !name.contains('/') => name,
        _ => path,
    }
}

fn blocks(service: ecs::Service, deployment: ecs::DeploymentConfiguration) -> Json {
    let alarms = deployment.alarms.into_iter().map(|alarms| {
        json!({
            "alarm_names": alarms.alarm_names,
            "enable": alarms.enable,
            "rollback": alarms.rollback,
        })
    });
    let breaker = deployment
        .deployment_circuit_breaker
        .into_iter()
        .map(|breaker| json!({ "enable": breaker.enable, "rollback": breaker.rollback }));
    // Where nothing is said it is ECS's own.
    let controller = service.deployment_controller.map_or("ECS".to_owned(), |of| of.r#type);
    let balancers = service.load_balancers.unwrap_or_default().into_iter().map(|balancer| {
        json!({
            "container_name": balancer.container_name.unwrap_or_default(),
            "container_port": balancer.container_port.unwrap_or(0),
            "elb_name": balancer.load_balancer_name.unwrap_or_default(),
            "target_group_arn": balancer.target_group_arn.unwrap_or_default(),
        })
    });
    let network = service.network_configuration.and_then(|network| network.awsvpc_configuration);
    let network = network.into_iter().map(|network| {
        json!({
            "assign_public_ip": network.assign_public_ip.as_deref() == Some("ENABLED"),
            "security_groups": network.security_groups.filter(|groups| !groups.is_empty()),
            "subnets": network.subnets,
        })
    });
    let placement = service.placement_strategy.unwrap_or_default().into_iter().map(
        |strategy| json!({ "field": strategy.field.unwrap_or_default(), "type": strategy.r#type }),
    );
    let constraints = service.placement_constraints.unwrap_or_default().into_iter();
    let constraints = constraints.map(|constraint| {
        json!({ "expression": constraint.expression.unwrap_or_default(), "type": constraint.r#type })
    });
    let registries = service.service_registries.unwrap_or_default().into_iter().map(|registry| {
        json!({
            "container_name": registry.container_name.unwrap_or_default(),
            "container_port": registry.container_port.unwrap_or(0),
            "port": registry.port.unwrap_or(0),
            "registry_arn": registry.registry_arn,
        })
    });
    json!({
        "alarms": alarms.collect::<Vec<Json>>(),
        "capacity_provider_strategy": strategy_blocks(service.capacity_provider_strategy),
        "deployment_circuit_breaker": breaker.collect::<Vec<Json>>(),
        "deployment_controller": [{ "type": controller }],
        "load_balancer": balancers.collect::<Vec<Json>>(),
        "network_configuration": network.collect::<Vec<Json>>(),
        "ordered_placement_strategy": placement.collect::<Vec<Json>>(),
        "placement_constraints": constraints.collect::<Vec<Json>>(),
        "service_registries": registries.collect::<Vec<Json>>(),
    })
}
