//! UpdateDeploymentGroup: what is given replaces what was; the rest stays.

use neargate_api::model::codedeploy::{Deployment, DeploymentGroup};
use neargate_api::types::codedeploy::{
    DeploymentGroupInfo, UpdateDeploymentGroupInput, UpdateDeploymentGroupOutput,
};
use neargate_api::{AwsError, Ctx, Record, Tx};

use super::create::{pass_role, with_defaults, with_waits};
use super::{already_exists, check, check_name, find, shown};

pub async fn call(
    ctx: Ctx,
    mut input: UpdateDeploymentGroupInput,
) -> Result<UpdateDeploymentGroupOutput, AwsError> {
    if let Some(role_arn) = &input.service_role_arn {
        pass_role(&ctx, role_arn)?;
    }
    let new_name = input.new_deployment_group_name.take();
    let new_name = new_name.filter(|new| *new != input.current_deployment_group_name);
    if let Some(new) = &new_name {
        check_name(new)?;
    }
    let inner = ctx.clone();
    ctx.write(move |tx| {
        let ctx = inner;
        let current = &input.current_deployment_group_name;
        let found = find(tx.view(), &ctx.region, &input.application_name, current)?;
        let mut group = DeploymentGroup::clone(&found);
        if let Some(new) = new_name {
            rename(tx, &mut group, new)?;
        }
        merge(&mut group.shown, input);
        check::all(&ctx, tx.view(), &group.shown)?;
        tx.put(group);
        Ok(UpdateDeploymentGroupOutput { hooks_not_cleaned_up: Some(Vec::new()) })
    })
    .await
}

/// Its deployments follow it.
fn rename(tx: &mut Tx, group: &mut DeploymentGroup, new: String) -> Result<(), AwsError> {
    let key = DeploymentGroup::key_of(&group.region, &group.application, &new);
    if tx.view().contains::<DeploymentGroup>(&key) {
        return Err(already_exists(&new));
    }
    let own: Vec<_> = shown::deployments(tx.view(), group).iter().map(|d| d.key()).collect();
    for key in own {
        tx.update::<Deployment>(&key, |deployment| deployment.group = new.clone());
    }
    tx.delete::<DeploymentGroup>(&group.key());
    group.shown.deployment_group_name = Some(new.clone());
    group.name = new;
    Ok(())
}

fn merge(group: &mut DeploymentGroupInfo, input: UpdateDeploymentGroupInput) {
    fn set<T>(to: &mut Option<T>, given: Option<T>) {
        if given.is_some() {
            *to = given;
        }
    }
    set(
        &mut group.alarm_configuration,
        input.alarm_configuration.map(|given| with_defaults(Some(given))),
    );
    set(&mut group.auto_rollback_configuration, input.auto_rollback_configuration);
    set(
        &mut group.blue_green_deployment_configuration,
        input.blue_green_deployment_configuration.map(with_waits),
    );
    set(&mut group.deployment_config_name, input.deployment_config_name);
    set(&mut group.deployment_style, input.deployment_style);
    set(&mut group.ecs_services, input.ecs_services);
    set(&mut group.load_balancer_info, input.load_balancer_info);
    set(&mut group.outdated_instances_strategy, input.outdated_instances_strategy);
    set(&mut group.service_role_arn, input.service_role_arn);
    set(&mut group.termination_hook_enabled, input.termination_hook_enabled);
    set(&mut group.trigger_configurations, input.trigger_configurations);
    set(&mut group.ec2_tag_filters, input.ec2_tag_filters);
    set(&mut group.ec2_tag_set, input.ec2_tag_set);
    set(&mut group.on_premises_instance_tag_filters, input.on_premises_instance_tag_filters);
    set(&mut group.on_premises_tag_set, input.on_premises_tag_set);
    if input.auto_scaling_groups.is_some() {
        group.auto_scaling_groups = Some(shown::auto_scaling_groups(input.auto_scaling_groups));
    }
}
