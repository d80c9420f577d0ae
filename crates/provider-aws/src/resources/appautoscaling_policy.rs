//! `aws_appautoscaling_policy`: by steps, or towards a target.

mod configuration;

use async_trait::async_trait;
use neargate_api_types::application_autoscaling as scaling;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};

pub struct AppautoscalingPolicy;

const MISSING: [&str; 1] = ["ObjectNotFoundException"];

#[async_trait]
impl Resource for AppautoscalingPolicy {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["name", "resource_id", "scalable_dimension", "service_namespace"],
            defaults: &[
                ("policy_type", Fallback::Text("StepScaling")),
                (
                    "target_tracking_scaling_policy_configuration.disable_scale_in",
                    Fallback::Bool(false),
                ),
            ],
            unsettles: &[
                ("step_scaling_policy_configuration", "alarm_arns"),
                ("target_tracking_scaling_policy_configuration", "alarm_arns"),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        put(cloud, planned).await?;
        Ok(planned.required("name"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = scaling::DescribeScalingPoliciesRequest {
            policy_names: Some(vec![known.required("name")]),
            resource_id: known.string("resource_id"),
            scalable_dimension: known.string("scalable_dimension"),
            service_namespace: known.required("service_namespace"),
            ..Default::default()
        };
        let policies = cloud.call::<scaling::DescribeScalingPolicies>(&input).await?;
        let policies = policies.scaling_policies.unwrap_or_default();
        let Some(policy) = policies.into_iter().next() else { return Ok(None) };
        let alarms = policy.alarms.unwrap_or_default().into_iter().map(|alarm| alarm.alarm_arn);
        known.extend(json!({
            "alarm_arns": alarms.collect::<Vec<String>>(),
            "arn": policy.policy_arn,
            "name": policy.policy_name,
            "policy_type": policy.policy_type,
            "resource_id": policy.resource_id,
            "scalable_dimension": policy.scalable_dimension,
            "service_namespace": policy.service_namespace,
            "step_scaling_policy_configuration":
                configuration::step_blocks(policy.step_scaling_policy_configuration),
            "target_tracking_scaling_policy_configuration":
                configuration::tracking_blocks(policy.target_tracking_scaling_policy_configuration),
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        put(cloud, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = scaling::DeleteScalingPolicyRequest {
            policy_name: prior.required("name"),
            resource_id: prior.required("resource_id"),
            scalable_dimension: prior.required("scalable_dimension"),
            service_namespace: prior.required("service_namespace"),
        };
        found(cloud.call::<scaling::DeleteScalingPolicy>(&input).await, &MISSING)?;
        Ok(())
    }

    /// `ecs/service/web/api/ecs:service:DesiredCount/cpu`: namespace, resource, dimension and name.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let parts = id.split_once('/').and_then(|(namespace, rest)| {
            let (rest, name) = rest.rsplit_once('/')?;
            let (resource, dimension) = rest.rsplit_once('/')?;
            Some(json!({
                "id": name,
                "name": name,
                "resource_id": resource,
                "scalable_dimension": dimension,
                "service_namespace": namespace,
            }))
        });
        let wrong =
            || Failure::told(format!("{id} is not of the form NAMESPACE/RESOURCE/DIMENSION/NAME"));
        parts.map(Attributes::from).ok_or_else(wrong)
    }
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let input = scaling::PutScalingPolicyRequest {
        policy_name: planned.required("name"),
        policy_type: planned.string("policy_type"),
        resource_id: planned.required("resource_id"),
        scalable_dimension: planned.required("scalable_dimension"),
        service_namespace: planned.required("service_namespace"),
        step_scaling_policy_configuration: configuration::step(planned),
        target_tracking_scaling_policy_configuration: configuration::tracking(planned),
        ..Default::default()
    };
    cloud.call::<scaling::PutScalingPolicy>(&input).await?;
    Ok(())
}
