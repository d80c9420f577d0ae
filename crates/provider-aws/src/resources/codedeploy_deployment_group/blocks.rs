//! The blocks of a deployment group, for CodeDeploy and from it.

use neargate_api_types::codedeploy as api;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;

pub fn alarms(planned: &Attributes) -> Option<api::AlarmConfiguration> {
    let block = planned.block("alarm_configuration")?;
    let names = block.texts("alarms").into_iter();
    Some(api::AlarmConfiguration {
        alarms: Some(names.map(|name| api::Alarm { name: Some(name) }).collect()),
        enabled: Some(block.is("enabled")),
        ignore_poll_alarm_failure: Some(block.is("ignore_poll_alarm_failure")),
    })
}

pub fn rollback(planned: &Attributes) -> Option<api::AutoRollbackConfiguration> {
    let block = planned.block("auto_rollback_configuration")?;
    let (enabled, events) = (Some(block.is("enabled")), Some(block.texts("events")));
    Some(api::AutoRollbackConfiguration { enabled, events })
}

pub fn blue_green(planned: &Attributes) -> Option<api::BlueGreenDeploymentConfiguration> {
    let block = planned.block("blue_green_deployment_config")?;
    let ready = block.block("deployment_ready_option").map(|ready| api::DeploymentReadyOption {
        action_on_timeout: ready.string("action_on_timeout"),
        wait_time_in_minutes: ready.number("wait_time_in_minutes"),
    });
    let green = block.block("green_fleet_provisioning_option");
    let green =
        green.map(|green| api::GreenFleetProvisioningOption { action: green.string("action") });
    let blue = block.block("terminate_blue_instances_on_deployment_success");
    let blue = blue.map(|blue| api::BlueInstanceTerminationOption {
        action: blue.string("action"),
        termination_wait_time_in_minutes: blue.number("termination_wait_time_in_minutes"),
    });
    Some(api::BlueGreenDeploymentConfiguration {
        deployment_ready_option: ready,
        green_fleet_provisioning_option: green,
        terminate_blue_instances_on_deployment_success: blue,
    })
}

pub fn style(planned: &Attributes) -> Option<api::DeploymentStyle> {
    let block = planned.block("deployment_style")?;
    Some(api::DeploymentStyle {
        deployment_option: block.string("deployment_option"),
        deployment_type: block.string("deployment_type"),
    })
}

pub fn services(planned: &Attributes) -> Option<Vec<api::ECSService>> {
    let service = |block: Attributes| api::ECSService {
        cluster_name: block.string("cluster_name"),
        service_name: block.string("service_name"),
    };
    let services: Vec<_> = planned.blocks("ecs_service").into_iter().map(service).collect();
    Some(services).filter(|services| !services.is_empty())
}

pub fn load_balancer(planned: &Attributes) -> Option<api::LoadBalancerInfo> {
    let block = planned.block("load_balancer_info")?;
    let route = |block: Option<Attributes>| {
        block.map(|block| api::TrafficRoute { listener_arns: Some(block.texts("listener_arns")) })
    };
    let groups = |block: &Attributes, name| -> Vec<api::TargetGroupInfo> {
        let group = |block: Attributes| api::TargetGroupInfo { name: block.string("name") };
        block.blocks(name).into_iter().map(group).collect()
    };
    let pair = |pair: Attributes| api::TargetGroupPairInfo {
        prod_traffic_route: route(pair.block("prod_traffic_route")),
        target_groups: Some(groups(&pair, "target_group")),
        test_traffic_route: route(pair.block("test_traffic_route")),
    };
    let pairs: Vec<_> = block.blocks("target_group_pair_info").into_iter().map(pair).collect();
    let elbs = block.blocks("elb_info").into_iter();
    let elbs: Vec<_> = elbs.map(|elb| api::ELBInfo { name: elb.string("name") }).collect();
    let single = groups(&block, "target_group_info");
    Some(api::LoadBalancerInfo {
        elb_info_list: Some(elbs).filter(|all| !all.is_empty()),
        target_group_info_list: Some(single).filter(|all| !all.is_empty()),
        target_group_pair_info_list: Some(pairs).filter(|all| !all.is_empty()),
    })
}

pub fn triggers(planned: &Attributes) -> Option<Vec<api::TriggerConfig>> {
    let trigger = |block: Attributes| api::TriggerConfig {
        trigger_events: Some(block.texts("trigger_events")),
        trigger_name: block.string("trigger_name"),
        trigger_target_arn: block.string("trigger_target_arn"),
    };
    let triggers: Vec<_> =
        planned.blocks("trigger_configuration").into_iter().map(trigger).collect();
    Some(triggers).filter(|triggers| !triggers.is_empty())
}

/// All blocks as the state has them. Those that CodeDeploy says without being asked, switched off,
/// are not there.
pub fn state(known: &Attributes, group: api::DeploymentGroupInfo) -> Json {
    let one = |json: Option<Json>| json.into_iter().collect::<Vec<_>>();
    let alarms = group.alarm_configuration.filter(|alarms| {
        let any = alarms.alarms.as_ref().is_some_and(|alarms| !alarms.is_empty());
        any || alarms.enabled == Some(true) || known.block("alarm_configuration").is_some()
    });
    let rollback = group.auto_rollback_configuration.filter(|rollback| {
        let any = rollback.events.as_ref().is_some_and(|events| !events.is_empty());
        any || rollback.enabled == Some(true)
            || known.block("auto_rollback_configuration").is_some()
    });
    let services = group.ecs_services.unwrap_or_default().into_iter();
    let triggers = group.trigger_configurations.unwrap_or_default().into_iter();
    json!({
        "alarm_configuration": one(alarms.map(alarms_state)),
        "auto_rollback_configuration": one(rollback.map(|rollback| json!({
            "enabled": rollback.enabled.unwrap_or(false),
            "events": rollback.events.unwrap_or_default(),
        }))),
        "blue_green_deployment_config": one(group.blue_green_deployment_configuration.map(blue_green_state)),
        "deployment_style": one(group.deployment_style.map(|style| json!({
            "deployment_option": style.deployment_option,
            "deployment_type": style.deployment_type,
        }))),
        "ecs_service": services.map(|service| json!({
            "cluster_name": service.cluster_name,
            "service_name": service.service_name,
        })).collect::<Vec<_>>(),
        "load_balancer_info": one(group.load_balancer_info.and_then(load_balancer_state)),
        "trigger_configuration": triggers.map(|trigger| json!({
            "trigger_events": trigger.trigger_events.unwrap_or_default(),
            "trigger_name": trigger.trigger_name,
            "trigger_target_arn": trigger.trigger_target_arn,
        })).collect::<Vec<_>>(),
    })
}

fn alarms_state(alarms: api::AlarmConfiguration) -> Json {
    let names = alarms.alarms.unwrap_or_default().into_iter();
    json!({
        "alarms": names.filter_map(|alarm| alarm.name).collect::<Vec<_>>(),
        "enabled": alarms.enabled.unwrap_or(false),
        "ignore_poll_alarm_failure": alarms.ignore_poll_alarm_failure.unwrap_or(false),
    })
}

fn blue_green_state(config: api::BlueGreenDeploymentConfiguration) -> Json {
    let one = |json: Option<Json>| json.into_iter().collect::<Vec<_>>();
    json!({
        "deployment_ready_option": one(config.deployment_ready_option.map(|ready| json!({
            "action_on_timeout": ready.action_on_timeout.unwrap_or_default(),
            "wait_time_in_minutes": ready.wait_time_in_minutes.unwrap_or(0),
        }))),
        "green_fleet_provisioning_option": one(config.green_fleet_provisioning_option.map(|green| json!({
            "action": green.action.unwrap_or_default(),
        }))),
        "terminate_blue_instances_on_deployment_success": one(
            config.terminate_blue_instances_on_deployment_success.map(|blue| json!({
                "action": blue.action.unwrap_or_default(),
                "termination_wait_time_in_minutes": blue.termination_wait_time_in_minutes.unwrap_or(0),
            })),
        ),
    })
}

/// Nothing for one with nothing in it.
fn load_balancer_state(info: api::LoadBalancerInfo) -> Option<Json> {
    let names = |groups: Option<Vec<api::TargetGroupInfo>>| -> Vec<Json> {
        let groups = groups.unwrap_or_default().into_iter();
        groups.map(|group| json!({ "name": group.name })).collect()
    };
    let route = |route: Option<api::TrafficRoute>| -> Vec<Json> {
        let arns = route.and_then(|route| route.listener_arns).filter(|arns| !arns.is_empty());
        arns.into_iter().map(|arns| json!({ "listener_arns": arns })).collect()
    };
    let pair = |pair: api::TargetGroupPairInfo| {
        json!({
            "prod_traffic_route": route(pair.prod_traffic_route),
            "target_group": names(pair.target_groups),
            "test_traffic_route": route(pair.test_traffic_route),
        })
    };
    let pairs = info.target_group_pair_info_list.unwrap_or_default().into_iter();
    let pairs: Vec<Json> = pairs.map(pair).collect();
    let elbs = info.elb_info_list.unwrap_or_default().into_iter();
    let elbs: Vec<Json> = elbs.map(|elb| json!({ "name": elb.name })).collect();
    let single = names(info.target_group_info_list);
    let is_empty = pairs.is_empty() && elbs.is_empty() && single.is_empty();
    (!is_empty).then(|| json!({ "elb_info": elbs, "target_group_info": single, "target_group_pair_info": pairs }))
}
