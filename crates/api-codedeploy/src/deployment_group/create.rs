//! CreateDeploymentGroup.

use neargate_api::model::codedeploy::DeploymentGroup;
use neargate_api::types::codedeploy::{
    AlarmConfiguration, AutoRollbackConfiguration, BlueGreenDeploymentConfiguration,
    CreateDeploymentGroupInput, CreateDeploymentGroupOutput, DeploymentGroupInfo, error,
};
use neargate_api::{AwsError, Ctx, Question, Stored};

use super::{already_exists, check, check_name};
use crate::{application, tags};

pub async fn call(
    ctx: Ctx,
    mut input: CreateDeploymentGroupInput,
) -> Result<CreateDeploymentGroupOutput, AwsError> {
    check_name(&input.deployment_group_name)?;
    pass_role(&ctx, &input.service_role_arn)?;
    let tags = tags::read(input.tags.take())?;
    let id = ctx.rng().uuid();
    let group = DeploymentGroup {
        region: ctx.region.clone(),
        application: input.application_name.clone(),
        name: input.deployment_group_name.clone(),
        tags,
        shown: Stored(wire(input, &id)),
    };
    let inner = ctx.clone();
    ctx.write(move |tx| {
        let ctx = inner;
        application::find(tx.view(), &ctx.region, &group.application)?;
        let key = DeploymentGroup::key_of(&group.region, &group.application, &group.name);
        if tx.view().contains::<DeploymentGroup>(&key) {
            return Err(already_exists(&group.name));
        }
        check::all(&ctx, tx.view(), &group.shown)?;
        tx.put(group);
        Ok(CreateDeploymentGroupOutput { deployment_group_id: Some(id) })
    })
    .await
}

/// Whoever makes a group hands its role over to CodeDeploy.
pub fn pass_role(ctx: &Ctx, role_arn: &str) -> Result<(), AwsError> {
    if role_arn.is_empty() {
        return Err(error::role_required_exception("The role ID was not specified."));
    }
    let passed_to = [("iam:PassedToService", "codedeploy.amazonaws.com".to_owned())];
    let question = Question::new("iam:PassRole", role_arn, &ctx.region, ctx.now);
    ctx.authorize_with(&Question { context: &passed_to, ..question })
}

/// What AWS shows of it, with the defaults filled in.
fn wire(input: CreateDeploymentGroupInput, id: &str) -> DeploymentGroupInfo {
    DeploymentGroupInfo {
        application_name: Some(input.application_name),
        deployment_group_id: Some(id.to_owned()),
        deployment_group_name: Some(input.deployment_group_name),
        deployment_config_name: Some(
            input.deployment_config_name.unwrap_or_else(|| "CodeDeployDefault.ECSAllAtOnce".into()),
        ),
        service_role_arn: Some(input.service_role_arn),
        trigger_configurations: Some(input.trigger_configurations.unwrap_or_default()),
        alarm_configuration: Some(with_defaults(input.alarm_configuration)),
        auto_rollback_configuration: Some(
            input.auto_rollback_configuration.unwrap_or(AutoRollbackConfiguration {
                enabled: Some(false),
                ..Default::default()
            }),
        ),
        deployment_style: input.deployment_style,
        blue_green_deployment_configuration: input
            .blue_green_deployment_configuration
            .map(with_waits),
        load_balancer_info: input.load_balancer_info,
        ecs_services: input.ecs_services,
        ec2_tag_filters: Some(input.ec2_tag_filters.unwrap_or_default()),
        ec2_tag_set: input.ec2_tag_set,
        on_premises_instance_tag_filters: Some(
            input.on_premises_instance_tag_filters.unwrap_or_default(),
        ),
        on_premises_tag_set: input.on_premises_tag_set,
        auto_scaling_groups: Some(super::shown::auto_scaling_groups(input.auto_scaling_groups)),
        outdated_instances_strategy: Some(
            input.outdated_instances_strategy.unwrap_or_else(|| "UPDATE".into()),
        ),
        termination_hook_enabled: Some(input.termination_hook_enabled.unwrap_or(false)),
        compute_platform: Some("ECS".into()),
        ..Default::default()
    }
}

/// An alarm configuration as AWS shows it back.
pub fn with_defaults(given: Option<AlarmConfiguration>) -> AlarmConfiguration {
    let given = given.unwrap_or_default();
    AlarmConfiguration {
        enabled: Some(given.enabled.unwrap_or(false)),
        ignore_poll_alarm_failure: Some(given.ignore_poll_alarm_failure.unwrap_or(false)),
        alarms: Some(given.alarms.unwrap_or_default()),
    }
}

/// Waits that are not given are none.
pub fn with_waits(mut given: BlueGreenDeploymentConfiguration) -> BlueGreenDeploymentConfiguration {
    let ready = given.deployment_ready_option.get_or_insert_default();
    ready.action_on_timeout.get_or_insert_with(|| "CONTINUE_DEPLOYMENT".into());
    ready.wait_time_in_minutes.get_or_insert(0);
    let end = given.terminate_blue_instances_on_deployment_success.get_or_insert_default();
    end.action.get_or_insert_with(|| "TERMINATE".into());
    end.termination_wait_time_in_minutes.get_or_insert(0);
    given
}
