//! CreateDeployment: what the AppSpec asks for is checked and written; the loop acts on it.

use neargate_api::model::codedeploy::{
    Deployment, DeploymentGroup, DeploymentStatus, Ready, Route, Stage, TaskSetSpec, Traffic,
    pending_events,
};
use neargate_api::model::ecs::TaskDefinition;
use neargate_api::types::codedeploy::{
    CreateDeploymentInput, CreateDeploymentOutput, DeploymentInfo, LoadBalancerInfo, TrafficRoute,
    error,
};
use neargate_api::{AwsError, Ctx, Snapshot, Stored};
use neargate_plan::placement;

use super::{app_spec, revision};
use crate::deployment_config;
use crate::deployment_group::{self, check};

pub async fn call(
    ctx: Ctx,
    input: CreateDeploymentInput,
) -> Result<CreateDeploymentOutput, AwsError> {
    let group_name = input.deployment_group_name.clone().ok_or_else(|| {
        error::deployment_group_name_required_exception(
            "The deployment group name was not specified.",
        )
    })?;
    check(&input)?;
    let given = input
        .revision
        .clone()
        .ok_or_else(|| error::revision_required_exception("The revision ID was not specified."))?;
    let spec = app_spec::read(&revision::content(&given)?)?;
    let inner = ctx.clone();
    ctx.write(move |tx| {
        let ctx = inner;
        let snapshot = tx.view();
        let (application, region) = (&input.application_name, &ctx.region);
        let group = deployment_group::find(snapshot, region, application, &group_name)?;
        check_idle(snapshot, &group)?;
        let spec = check_spec(&ctx, snapshot, spec)?;
        let deployment = made(&ctx, snapshot, &group, input, spec)?;
        let id = deployment.id.clone();
        tx.put(deployment);
        Ok(CreateDeploymentOutput { deployment_id: Some(id) })
    })
    .await
}

/// What needs no other resource to judge.
fn check(input: &CreateDeploymentInput) -> Result<(), AwsError> {
    if input.target_instances.is_some() {
        return Err(error::invalid_target_instances_exception(
            "Target instances cannot be specified for the ECS compute platform.",
        ));
    }
    if input.update_outdated_instances_only == Some(true) {
        return Err(error::invalid_update_outdated_instances_only_value_exception(
            "updateOutdatedInstancesOnly cannot be specified for the ECS compute platform.",
        ));
    }
    check::alarms(input.override_alarm_configuration.as_ref())?;
    check::rollback(input.auto_rollback_configuration.as_ref())
}

/// One deployment at a time.
fn check_idle(snapshot: &Snapshot, group: &DeploymentGroup) -> Result<(), AwsError> {
    let (application, name) = (&group.application, &group.name);
    let mut all = snapshot.scan::<Deployment>(&format!("{}/", group.region));
    let active = all.find(|deployment| {
        deployment.application == *application
            && deployment.group == *name
            && !deployment.status.is_final()
    });
    match active {
        None => Ok(()),
        Some(active) => Err(error::deployment_limit_exceeded_exception(format!(
            "The Deployment Group '{name}' already has an active Deployment '{}'",
            active.id
        ))),
    }
}

/// The AppSpec against what there is: the task definition, its container, the subnets.
fn check_spec(ctx: &Ctx, snapshot: &Snapshot, spec: TaskSetSpec) -> Result<TaskSetSpec, AwsError> {
    let refuse = |why: String| error::invalid_revision_exception(why);
    let reference = &spec.task_definition_arn;
    let key = TaskDefinition::key_in(&ctx.region, reference);
    let found = key.and_then(|key| snapshot.get::<TaskDefinition>(&key)).filter(|d| d.active);
    let definition = found.ok_or_else(|| {
        refuse(format!(
            "The task definition {reference} of the AppSpec file could not be found: it must be the ARN of an active one."
        ))
    })?;
    let (name, port) = (&spec.container_name, spec.container_port);
    let container = definition.containers().iter().find(|c| c.name.as_ref() == Some(name));
    let container = container.ok_or_else(|| {
        refuse(format!("The container {name} does not exist in the task definition."))
    })?;
    if !container.port_mappings.iter().flatten().any(|p| p.container_port == Some(port)) {
        return Err(refuse(format!(
            "The container {name} did not have a container port {port} defined."
        )));
    }
    if let Some(network) = &spec.network {
        placement::choose(snapshot, &ctx.region, Some(&network.0), &[])
            .map_err(|no_place| refuse(no_place.message()))?;
    }
    Ok(TaskSetSpec { task_definition_arn: definition.arn.clone(), ..spec })
}

fn made(
    ctx: &Ctx,
    snapshot: &Snapshot,
    group: &DeploymentGroup,
    input: CreateDeploymentInput,
    spec: TaskSetSpec,
) -> Result<Deployment, AwsError> {
    let (cluster, service) = group.ecs_service().unwrap_or_default();
    check::service(snapshot, &ctx.region, cluster, service)?;
    let (cluster, service) = (cluster.to_owned(), service.to_owned());
    let id = format!("d-{}", ctx.rng().base32(9));
    let shown = shown(snapshot, group, input, &id);
    let config = shown.deployment_config_name.as_deref().unwrap_or_default();
    let traffic: Traffic =
        deployment_config::traffic(&deployment_config::find(snapshot, &ctx.region, config)?)?;
    let rollback = shown.auto_rollback_configuration.as_ref().filter(|c| c.enabled == Some(true));
    let rolls_back = |event: &str| {
        rollback.is_some_and(|c| c.events.iter().flatten().any(|given| given == event))
    };
    let alarms = shown.override_alarm_configuration.as_ref();
    let alarms = alarms.or(group.shown.alarm_configuration.as_ref());
    let ignore_missing_alarms = alarms.is_some_and(|c| c.ignore_poll_alarm_failure == Some(true));
    let alarms = alarms.filter(|c| c.enabled == Some(true)).and_then(|c| c.alarms.as_ref());
    Ok(Deployment {
        region: ctx.region.clone(),
        id,
        application: group.application.clone(),
        group: group.name.clone(),
        cluster,
        service,
        role_arn: group.shown.service_role_arn.clone().unwrap_or_default(),
        status: DeploymentStatus::Created,
        stage: Stage::Install,
        stage_since: ctx.now,
        spec,
        route: route(snapshot, &ctx.region, group.shown.load_balancer_info.as_ref())?,
        traffic,
        ready: ready(&shown),
        termination_wait_minutes: termination_wait_minutes(&shown),
        roll_back_on_failure: rolls_back("DEPLOYMENT_FAILURE"),
        roll_back_on_alarm: rolls_back("DEPLOYMENT_STOP_ON_ALARM"),
        roll_back_on_request: rolls_back("DEPLOYMENT_STOP_ON_REQUEST"),
        alarms: alarms.into_iter().flatten().filter_map(|alarm| alarm.name.clone()).collect(),
        ignore_missing_alarms,
        original: None,
        replacement: None,
        replacement_weight: 0,
        go_on: false,
        terminate_now: false,
        stop_requested: None,
        failure: None,
        rolled_back_by: None,
        rolls_back: None,
        events: pending_events(),
        created_at: ctx.now,
        started_at: None,
        completed_at: None,
        updated_at: ctx.now,
        shown: Stored(shown),
    })
}

/// What was given, and what the group says where nothing was.
fn shown(
    snapshot: &Snapshot,
    group: &DeploymentGroup,
    input: CreateDeploymentInput,
    id: &str,
) -> DeploymentInfo {
    DeploymentInfo {
        application_name: Some(group.application.clone()),
        deployment_group_name: Some(group.name.clone()),
        deployment_id: Some(id.to_owned()),
        deployment_config_name: input
            .deployment_config_name
            .or_else(|| group.shown.deployment_config_name.clone()),
        previous_revision: deployment_group::last_revision(snapshot, group),
        revision: input.revision.map(revision::shown),
        description: input.description,
        ignore_application_stop_failures: Some(
            input.ignore_application_stop_failures.unwrap_or(false),
        ),
        update_outdated_instances_only: Some(false),
        file_exists_behavior: Some(input.file_exists_behavior.unwrap_or_else(|| "DISALLOW".into())),
        auto_rollback_configuration: input
            .auto_rollback_configuration
            .or_else(|| group.shown.auto_rollback_configuration.clone()),
        override_alarm_configuration: input.override_alarm_configuration,
        deployment_style: group.shown.deployment_style.clone(),
        blue_green_deployment_configuration: group
            .shown
            .blue_green_deployment_configuration
            .clone(),
        load_balancer_info: group.shown.load_balancer_info.clone(),
        compute_platform: Some("ECS".into()),
        ..Default::default()
    }
}

fn ready(shown: &DeploymentInfo) -> Ready {
    let given = shown.blue_green_deployment_configuration.as_ref();
    let given = given.and_then(|c| c.deployment_ready_option.as_ref());
    match given.and_then(|option| option.action_on_timeout.as_deref()) {
        Some("STOP_DEPLOYMENT") => Ready::StopAfterMinutes(
            given.and_then(|option| option.wait_time_in_minutes).unwrap_or(0).max(0) as u32,
        ),
        _ => Ready::Continue,
    }
}

fn termination_wait_minutes(shown: &DeploymentInfo) -> Option<u32> {
    let given = shown.blue_green_deployment_configuration.as_ref();
    let given = given.and_then(|c| c.terminate_blue_instances_on_deployment_success.as_ref());
    match given.and_then(|option| option.action.as_deref()) {
        Some("KEEP_ALIVE") => None,
        _ => {
            Some(given.and_then(|o| o.termination_wait_time_in_minutes).unwrap_or(0).max(0) as u32)
        }
    }
}

/// The group's names of listeners and target groups, as ARNs.
fn route(
    snapshot: &Snapshot,
    region: &str,
    given: Option<&LoadBalancerInfo>,
) -> Result<Route, AwsError> {
    let refuse = |why: String| error::invalid_load_balancer_info_exception(why);
    let pair = given.and_then(|info| info.target_group_pair_info_list.as_ref()?.first());
    let pair =
        pair.ok_or_else(|| refuse("The deployment group has no target group pair".into()))?;
    let mut arns = Vec::new();
    for group in pair.target_groups.iter().flatten() {
        let name = group.name.as_deref().unwrap_or_default();
        let found = check::target_group(snapshot, region, name);
        let found =
            found.ok_or_else(|| refuse(format!("The target group {name} could not be found")))?;
        arns.push(found.arn.clone());
    }
    let target_groups: [String; 2] = arns
        .try_into()
        .map_err(|_| refuse("A target group pair must have exactly two target groups".into()))?;
    let first =
        |route: &TrafficRoute| route.listener_arns.as_ref().and_then(|arns| arns.first().cloned());
    let production = pair.prod_traffic_route.as_ref().and_then(first);
    Ok(Route {
        production_listener: production
            .ok_or_else(|| refuse("The production traffic route must be specified".into()))?,
        test_listener: pair.test_traffic_route.as_ref().and_then(first),
        target_groups,
    })
}
