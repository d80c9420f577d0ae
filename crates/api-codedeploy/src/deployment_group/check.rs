//! What a deployment group for ECS must satisfy: its style, its one service, a pair of
//! target groups, listeners that are there, and a role that CodeDeploy can assume.
//! Source: the descriptions of CreateDeploymentGroup's members in the CodeDeploy API reference.

use std::sync::Arc;

use neargate_api::model::codedeploy::DeploymentGroup;
use neargate_api::model::ecs::{Controller, Service, ServiceStatus};
use neargate_api::model::elbv2::{Listener, TargetGroup, prefix};
use neargate_api::types::codedeploy::{
    AlarmConfiguration, AutoRollbackConfiguration, BlueGreenDeploymentConfiguration,
    DeploymentGroupInfo, LoadBalancerInfo, TargetGroupInfo, TrafficRoute, error,
};
use neargate_api::{AwsError, Ctx, Opener, Snapshot, Wanted};

use crate::deployment_config;

/// A rollback's events.
const ROLLBACK_EVENTS: [&str; 3] =
    ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];

/// Alarms that a group can have.
const ALARM_LIMIT: usize = 10;

/// The longest waits: two days.
const WAIT_LIMIT_MINUTES: i32 = 2880;

/// Checks a group as it is going to be.
pub fn all(ctx: &Ctx, snapshot: &Snapshot, group: &DeploymentGroupInfo) -> Result<(), AwsError> {
    role(ctx, snapshot, group)?;
    let config = group.deployment_config_name.as_deref().unwrap_or_default();
    deployment_config::find(snapshot, &ctx.region, config)?;
    no_servers(group)?;
    style(group)?;
    blue_green(group.blue_green_deployment_configuration.as_ref())?;
    load_balancers(snapshot, &ctx.region, group.load_balancer_info.as_ref())?;
    the_service(ctx, snapshot, group)?;
    alarms(group.alarm_configuration.as_ref())?;
    rollback(group.auto_rollback_configuration.as_ref())
}

/// CodeDeploy must be able to act as the role.
fn role(ctx: &Ctx, snapshot: &Snapshot, group: &DeploymentGroupInfo) -> Result<(), AwsError> {
    let role_arn = group.service_role_arn.as_deref().unwrap_or_default();
    let application = group.application_name.as_deref().unwrap_or_default();
    let name = group.deployment_group_name.as_deref().unwrap_or_default();
    let group_arn = super::arn(ctx, application, name);
    let wanted = Wanted {
        opener: Opener::Service { name: "codedeploy.amazonaws.com", source_arn: &group_arn },
        role_arn,
        session_name: "codedeploy",
        now: ctx.now,
        expires_at: ctx.now.plus_secs(900),
        session_policies: Vec::new(),
        external_id: None,
    };
    let opened = ctx.cloud.identity.open_session(snapshot, &wanted);
    opened.map(drop).map_err(|denied| {
        error::invalid_role_exception(format!(
            "AWS CodeDeploy does not have the permissions required to assume the role {role_arn}. ({})",
            denied.message
        ))
    })
}

fn no_servers(group: &DeploymentGroupInfo) -> Result<(), AwsError> {
    let filters = group.ec2_tag_filters.as_ref().is_some_and(|all| !all.is_empty());
    let on_premises =
        group.on_premises_instance_tag_filters.as_ref().is_some_and(|a| !a.is_empty());
    let sets = group.ec2_tag_set.is_some() || group.on_premises_tag_set.is_some();
    if filters || on_premises || sets {
        return Err(error::invalid_ec2_tag_exception(
            "For ECS deployment group, tags of EC2 and on-premises instances must not be specified",
        ));
    }
    if group.auto_scaling_groups.as_ref().is_some_and(|all| !all.is_empty()) {
        return Err(error::invalid_auto_scaling_group_exception(
            "For ECS deployment group, autoScalingGroups must not be specified",
        ));
    }
    Ok(())
}

fn style(group: &DeploymentGroupInfo) -> Result<(), AwsError> {
    let style = group.deployment_style.as_ref();
    let kind = style.and_then(|style| style.deployment_type.as_deref());
    let option = style.and_then(|style| style.deployment_option.as_deref());
    match (kind, option) {
        (Some("BLUE_GREEN"), Some("WITH_TRAFFIC_CONTROL")) => Ok(()),
        _ => Err(error::invalid_deployment_style_exception(
            "For ECS deployment, the deployment type must be BLUE_GREEN, and deployment option must be \
             WITH_TRAFFIC_CONTROL.",
        )),
    }
}

fn blue_green(given: Option<&BlueGreenDeploymentConfiguration>) -> Result<(), AwsError> {
    let refuse =
        |why: String| Err(error::invalid_blue_green_deployment_configuration_exception(why));
    let Some(given) = given else {
        return refuse(
            "For ECS deployment group, blueGreenDeploymentConfiguration must be specified".into(),
        );
    };
    if given.green_fleet_provisioning_option.is_some() {
        return refuse(
            "For ECS deployment group, greenFleetProvisioningOption must not be specified".into(),
        );
    }
    let termination = given.terminate_blue_instances_on_deployment_success.as_ref();
    let terminate = termination.and_then(|t| t.termination_wait_time_in_minutes);
    let ready = given.deployment_ready_option.as_ref();
    let wait = ready.and_then(|r| r.wait_time_in_minutes);
    for minutes in [terminate, wait].into_iter().flatten() {
        if !(0..=WAIT_LIMIT_MINUTES).contains(&minutes) {
            return refuse(format!(
                "A wait of {minutes} minutes is invalid: it must be from 0 to {WAIT_LIMIT_MINUTES}."
            ));
        }
    }
    let stops = ready.and_then(|r| r.action_on_timeout.as_deref()) == Some("STOP_DEPLOYMENT");
    match (stops, wait.unwrap_or(0)) {
        (true, 0) => {
            refuse("The wait time must be specified when actionOnTimeout is STOP_DEPLOYMENT".into())
        }
        (false, 1..) => refuse(
            "The wait time must not be specified when actionOnTimeout is CONTINUE_DEPLOYMENT"
                .into(),
        ),
        _ => Ok(()),
    }
}

fn load_balancers(
    snapshot: &Snapshot,
    region: &str,
    given: Option<&LoadBalancerInfo>,
) -> Result<(), AwsError> {
    let refuse = |why: &str| Err(error::invalid_load_balancer_info_exception(why));
    let Some(given) = given else {
        return refuse("For ECS deployment group, loadBalancerInfo must be specified");
    };
    if given.elb_info_list.as_ref().is_some_and(|all| !all.is_empty()) {
        return refuse("For ECS deployment group, loadBalancerInfo must not contain elbInfo list");
    }
    if given.target_group_info_list.as_ref().is_some_and(|all| !all.is_empty()) {
        return refuse(
            "For ECS deployment group, loadBalancerInfo must not contain targetGroupInfo list",
        );
    }
    let [pair] = given.target_group_pair_info_list.as_deref().unwrap_or_default() else {
        return refuse(
            "For ECS deployment group, loadBalancerInfo must contain exactly one targetGroupPairInfo",
        );
    };
    target_groups(snapshot, region, pair.target_groups.as_deref().unwrap_or_default())?;
    let Some(production) = &pair.prod_traffic_route else {
        return pair_refused("The production traffic route must be specified");
    };
    listener(snapshot, "production", production)?;
    match &pair.test_traffic_route {
        Some(test) => listener(snapshot, "test", test),
        None => Ok(()),
    }
}

fn pair_refused<T>(why: impl Into<String>) -> Result<T, AwsError> {
    Err(error::invalid_target_group_pair_exception(why.into()))
}

fn target_groups(
    snapshot: &Snapshot,
    region: &str,
    given: &[TargetGroupInfo],
) -> Result<(), AwsError> {
    let [first, second] = given else {
        return pair_refused("A target group pair must have exactly two target groups");
    };
    if first.name == second.name {
        return pair_refused("The target groups of a target group pair must be different ones");
    }
    for group in given {
        let name = group.name.as_deref().unwrap_or_default();
        if target_group(snapshot, region, name).is_none() {
            return pair_refused(format!("The target group {name} could not be found"));
        }
    }
    Ok(())
}

/// The target group of this name.
pub fn target_group(snapshot: &Snapshot, region: &str, name: &str) -> Option<Arc<TargetGroup>> {
    snapshot.scan::<TargetGroup>(&prefix(region)).find(|group| group.name == name)
}

fn listener(snapshot: &Snapshot, which: &str, route: &TrafficRoute) -> Result<(), AwsError> {
    let [arn] = route.listener_arns.as_deref().unwrap_or_default() else {
        return pair_refused(format!(
            "The {which} traffic route must have exactly one listener ARN"
        ));
    };
    match snapshot.contains::<Listener>(arn) {
        true => Ok(()),
        false => pair_refused(format!(
            "The listener {arn} of the {which} traffic route could not be found"
        )),
    }
}

/// The one service, which no other group deploys.
fn the_service(
    ctx: &Ctx,
    snapshot: &Snapshot,
    group: &DeploymentGroupInfo,
) -> Result<(), AwsError> {
    let [given] = group.ecs_services.as_deref().unwrap_or_default() else {
        return Err(error::invalid_ecs_service_exception(
            "For ECS deployment group, exactly one ECS service must be specified",
        ));
    };
    let cluster = given.cluster_name.as_deref().unwrap_or("default");
    let name = given.service_name.as_deref().unwrap_or_default();
    service(snapshot, &ctx.region, cluster, name)?;
    let other = snapshot.scan::<DeploymentGroup>(&format!("{}/", ctx.region)).find(|other| {
        other.ecs_service() == Some((cluster, name))
            && other.shown.deployment_group_id != group.deployment_group_id
    });
    match other {
        None => Ok(()),
        Some(_) => Err(error::ecs_service_mapping_limit_exceeded_exception(
            "The Amazon ECS service is associated with more than one deployment groups. An Amazon ECS service can be \
             associated with only one deployment group.",
        )),
    }
}

/// A service that CodeDeploy may deploy to.
pub fn service(
    snapshot: &Snapshot,
    region: &str,
    cluster: &str,
    name: &str,
) -> Result<Arc<Service>, AwsError> {
    let found = snapshot.get::<Service>(&Service::key_of(region, cluster, name));
    let found = found.filter(|service| service.status == ServiceStatus::Active).ok_or_else(|| {
        error::invalid_ecs_service_exception(format!(
            "Could not load ECS service information for cluster: {cluster}, service: {name}. Cause: Service not found."
        ))
    })?;
    if found.controller != Controller::CodeDeploy {
        return Err(error::invalid_ecs_service_exception(
            "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.",
        ));
    }
    Ok(found)
}

/// Of groups, and of deployments that have their own.
pub fn alarms(given: Option<&AlarmConfiguration>) -> Result<(), AwsError> {
    let Some(given) = given else { return Ok(()) };
    let alarms = given.alarms.as_deref().unwrap_or_default();
    if alarms.len() > ALARM_LIMIT {
        return Err(error::alarms_limit_exceeded_exception(format!(
            "The maximum number of alarms for a deployment group ({ALARM_LIMIT}) was exceeded."
        )));
    }
    if given.enabled == Some(true) && alarms.is_empty() {
        return Err(error::invalid_alarm_config_exception(
            "At least one alarm must be specified when the alarm configuration is enabled",
        ));
    }
    if alarms.iter().any(|alarm| alarm.name.as_deref().is_none_or(str::is_empty)) {
        return Err(error::invalid_alarm_config_exception("An alarm must have a name"));
    }
    Ok(())
}

/// Of groups, and of deployments that have their own.
pub fn rollback(given: Option<&AutoRollbackConfiguration>) -> Result<(), AwsError> {
    let Some(given) = given else { return Ok(()) };
    let events = given.events.as_deref().unwrap_or_default();
    if given.enabled == Some(true) && events.is_empty() {
        return Err(error::invalid_auto_rollback_config_exception(
            "At least one event must be specified when the auto rollback configuration is enabled",
        ));
    }
    match events.iter().find(|event| !ROLLBACK_EVENTS.contains(&event.as_str())) {
        None => Ok(()),
        Some(event) => Err(error::invalid_auto_rollback_config_exception(format!(
            "The rollback event {event} is invalid: it must be one of {}",
            ROLLBACK_EVENTS.join(", ")
        ))),
    }
}
