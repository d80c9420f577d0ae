//! `aws_appautoscaling_target`: what of a resource is scaled, and between which bounds.

use async_trait::async_trait;
use neargate_api_types::application_autoscaling as scaling;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::tags;

pub struct AppautoscalingTarget;

const MISSING: [&str; 1] = ["ObjectNotFoundException"];

#[async_trait]
impl Resource for AppautoscalingTarget {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["resource_id", "scalable_dimension", "service_namespace"],
            defaults: &[
                ("suspended_state.dynamic_scaling_in_suspended", Fallback::Bool(false)),
                ("suspended_state.dynamic_scaling_out_suspended", Fallback::Bool(false)),
                ("suspended_state.scheduled_scaling_suspended", Fallback::Bool(false)),
            ],
            filled: &["suspended_state"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        register(cloud, planned, true).await?;
        Ok(planned.required("resource_id"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = scaling::DescribeScalableTargetsRequest {
            resource_ids: Some(vec![known.required("resource_id")]),
            scalable_dimension: known.string("scalable_dimension"),
            service_namespace: known.required("service_namespace"),
            ..Default::default()
        };
        let targets = cloud.call::<scaling::DescribeScalableTargets>(&input).await?;
        let targets = targets.scalable_targets.unwrap_or_default();
        let Some(target) = targets.into_iter().next() else { return Ok(None) };
        let arn = target.scalable_target_arn.unwrap_or_default();
        let suspended = target.suspended_state.unwrap_or_default();
        known.extend(json!({
            "arn": arn,
            "max_capacity": target.max_capacity,
            "min_capacity": target.min_capacity,
            "resource_id": target.resource_id,
            "role_arn": target.role_arn,
            "scalable_dimension": target.scalable_dimension,
            "service_namespace": target.service_namespace,
            "suspended_state": [{
                "dynamic_scaling_in_suspended": suspended.dynamic_scaling_in_suspended.unwrap_or(false),
                "dynamic_scaling_out_suspended": suspended.dynamic_scaling_out_suspended.unwrap_or(false),
                "scheduled_scaling_suspended": suspended.scheduled_scaling_suspended.unwrap_or(false),
            }],
        }));
        let input = scaling::ListTagsForResourceRequest { resource_arn: arn };
        let tags = cloud.call::<scaling::ListTagsForResource>(&input).await?.tags;
        tags::set(&mut known, cloud, tags.unwrap_or_default());
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let parts = ["max_capacity", "min_capacity", "role_arn", "suspended_state"];
        if prior.any_differs(planned, &parts) {
            register(cloud, planned, false).await?;
        }
        let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else {
            return Ok(());
        };
        let resource_arn = prior.required("arn");
        if !removed.is_empty() {
            let resource_arn = resource_arn.clone();
            let input = scaling::UntagResourceRequest { resource_arn, tag_keys: removed };
            cloud.call::<scaling::UntagResource>(&input).await?;
        }
        if !set.is_empty() {
            let input = scaling::TagResourceRequest { resource_arn, tags: set };
            cloud.call::<scaling::TagResource>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = scaling::DeregisterScalableTargetRequest {
            resource_id: prior.required("resource_id"),
            scalable_dimension: prior.required("scalable_dimension"),
            service_namespace: prior.required("service_namespace"),
        };
        found(cloud.call::<scaling::DeregisterScalableTarget>(&input).await, &MISSING)?;
        Ok(())
    }

    /// `ecs/service/web/api/ecs:service:DesiredCount`: namespace, resource and dimension.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let parts = id.split_once('/').and_then(|(namespace, rest)| {
            let (resource, dimension) = rest.rsplit_once('/')?;
            Some((namespace, resource, dimension))
        });
        let Some((namespace, resource, dimension)) = parts else {
            return Err(Failure::told(format!(
                "{id} is not of the form NAMESPACE/RESOURCE/DIMENSION"
            )));
        };
        Ok(Attributes::from(json!({
            "id": resource,
            "resource_id": resource,
            "scalable_dimension": dimension,
            "service_namespace": namespace,
        })))
    }
}

async fn register(cloud: &Cloud, planned: &Attributes, new: bool) -> Result<(), Failure> {
    let suspended = planned.block("suspended_state").map(|block| scaling::SuspendedState {
        dynamic_scaling_in_suspended: block.bool("dynamic_scaling_in_suspended"),
        dynamic_scaling_out_suspended: block.bool("dynamic_scaling_out_suspended"),
        scheduled_scaling_suspended: block.bool("scheduled_scaling_suspended"),
    });
    let tags = Some(planned.map("tags_all")).filter(|tags| new && !tags.is_empty());
    let input = scaling::RegisterScalableTargetRequest {
        max_capacity: planned.number("max_capacity"),
        min_capacity: planned.number("min_capacity"),
        resource_id: planned.required("resource_id"),
        role_arn: planned.string("role_arn"),
        scalable_dimension: planned.required("scalable_dimension"),
        service_namespace: planned.required("service_namespace"),
        suspended_state: suspended,
        tags,
    };
    cloud.call::<scaling::RegisterScalableTarget>(&input).await?;
    Ok(())
}
