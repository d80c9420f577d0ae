//! `aws_codedeploy_deployment_group`: what a deployment changes, and how. For ECS
//! services; groups of EC2 instances by tags are not supported.

mod blocks;

use async_trait::async_trait;
use neargate_api_types::codedeploy as api;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::codedeploy;

pub struct DeploymentGroup;

const MISSING: [&str; 3] = [
    "ApplicationDoesNotExistException",
    "DeploymentGroupDoesNotExistException",
    "DeploymentConfigDoesNotExistException",
];

#[async_trait]
impl Resource for DeploymentGroup {
    fn facts(&self) -> &'static Facts {
        &Facts {
            defaults: &[
                ("deployment_config_name", Fallback::Text("CodeDeployDefault.OneAtATime")),
                ("deployment_style.deployment_option", Fallback::Text("WITHOUT_TRAFFIC_CONTROL")),
                ("deployment_style.deployment_type", Fallback::Text("IN_PLACE")),
                ("alarm_configuration.ignore_poll_alarm_failure", Fallback::Bool(false)),
                ("outdated_instances_strategy", Fallback::Text("UPDATE")),
                ("termination_hook_enabled", Fallback::Bool(false)),
            ],
            filled: &["blue_green_deployment_config"],
            emptied: &["deployment_style"],
            unsettles: &[("deployment_group_name", "arn")],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        supported(planned)?;
        let input = api::CreateDeploymentGroupInput {
            alarm_configuration: blocks::alarms(planned),
            application_name: planned.required("app_name"),
            auto_rollback_configuration: blocks::rollback(planned),
            auto_scaling_groups: planned.some_texts("autoscaling_groups"),
            blue_green_deployment_configuration: blocks::blue_green(planned),
            deployment_config_name: planned.string("deployment_config_name"),
            deployment_group_name: planned.required("deployment_group_name"),
            deployment_style: blocks::style(planned),
            ecs_services: blocks::services(planned),
            load_balancer_info: blocks::load_balancer(planned),
            outdated_instances_strategy: planned.string("outdated_instances_strategy"),
            service_role_arn: planned.required("service_role_arn"),
            tags: codedeploy::new_tags(planned),
            termination_hook_enabled: planned.bool("termination_hook_enabled").filter(|is| *is),
            trigger_configurations: blocks::triggers(planned),
            ..Default::default()
        };
        let group = cloud.call::<api::CreateDeploymentGroup>(&input).await?;
        Ok(group.deployment_group_id.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = api::GetDeploymentGroupInput {
            application_name: known.required("app_name"),
            deployment_group_name: known.required("deployment_group_name"),
        };
        let got = found(cloud.call::<api::GetDeploymentGroup>(&input).await, &MISSING)?;
        let Some(group) = got.and_then(|output| output.deployment_group_info) else {
            return Ok(None);
        };
        let app = group.application_name.clone().unwrap_or_default();
        let name = group.deployment_group_name.clone().unwrap_or_default();
        let scaling = group.auto_scaling_groups.clone().unwrap_or_default().into_iter();
        let scaling: Vec<String> = scaling.filter_map(|group| group.name).collect();
        known.extend(json!({
            "app_name": app,
            "arn": cloud.arn("codedeploy", &format!("deploymentgroup:{app}/{name}")),
            "autoscaling_groups": scaling,
            "compute_platform": group.compute_platform,
            "deployment_config_name": group.deployment_config_name,
            "deployment_group_id": group.deployment_group_id,
            "deployment_group_name": name,
            "id": group.deployment_group_id,
            "outdated_instances_strategy": known
                .string("outdated_instances_strategy")
                .or(group.outdated_instances_strategy.clone())
                .unwrap_or_else(|| "UPDATE".to_owned()),
            "service_role_arn": group.service_role_arn,
            "termination_hook_enabled": group.termination_hook_enabled.unwrap_or(false),
        }));
        known.extend(blocks::state(&known, group));
        codedeploy::read_tags(cloud, &mut known).await?;
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        supported(planned)?;
        codedeploy::update_tags(cloud, prior, planned).await?;
        let changed = |name: &str| prior.differs(planned, name);
        let input = api::UpdateDeploymentGroupInput {
            // A block that is taken away is one that is switched off.
            alarm_configuration: changed("alarm_configuration")
                .then(|| blocks::alarms(planned).unwrap_or_default()),
            // An application that has another name has the group still.
            application_name: planned.required("app_name"),
            auto_rollback_configuration: changed("auto_rollback_configuration")
                .then(|| blocks::rollback(planned).unwrap_or_default()),
            auto_scaling_groups: changed("autoscaling_groups")
                .then(|| planned.texts("autoscaling_groups")),
            blue_green_deployment_configuration: blocks::blue_green(planned)
                .filter(|_| changed("blue_green_deployment_config")),
            current_deployment_group_name: prior.required("deployment_group_name"),
            deployment_config_name: planned.string("deployment_config_name"),
            deployment_style: blocks::style(planned).filter(|_| changed("deployment_style")),
            ecs_services: blocks::services(planned).filter(|_| changed("ecs_service")),
            load_balancer_info: changed("load_balancer_info")
                .then(|| blocks::load_balancer(planned).unwrap_or_default()),
            new_deployment_group_name: planned
                .string("deployment_group_name")
                .filter(|_| changed("deployment_group_name")),
            outdated_instances_strategy: planned.string("outdated_instances_strategy"),
            service_role_arn: planned.string("service_role_arn"),
            termination_hook_enabled: planned
                .bool("termination_hook_enabled")
                .filter(|_| changed("termination_hook_enabled")),
            trigger_configurations: changed("trigger_configuration")
                .then(|| blocks::triggers(planned).unwrap_or_default()),
            ..Default::default()
        };
        cloud.call::<api::UpdateDeploymentGroup>(&input).await?;
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DeleteDeploymentGroupInput {
            application_name: prior.required("app_name"),
            deployment_group_name: prior.required("deployment_group_name"),
        };
        found(cloud.call::<api::DeleteDeploymentGroup>(&input).await, &MISSING)?;
        Ok(())
    }

    /// `app:group`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        match id.split_once(':') {
            Some((app, group)) => Ok(Attributes::from(
                json!({ "id": id, "app_name": app, "deployment_group_name": group }),
            )),
            None => Err(Failure::told(format!("{id} is not of the form APPLICATION:GROUP"))),
        }
    }
}

fn supported(planned: &Attributes) -> Result<(), Failure> {
    let tags = ["ec2_tag_filter", "ec2_tag_set", "on_premises_instance_tag_filter"];
    match tags.into_iter().find(|name| planned.block(name).is_some()) {
        Some(name) => Err(Failure::told(format!(
            "aws_codedeploy_deployment_group does not support {name}: it deploys ECS services only"
        ))),
        None => Ok(()),
    }
}
