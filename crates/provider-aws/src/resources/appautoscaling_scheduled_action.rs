//! `aws_appautoscaling_scheduled_action`: other bounds at a time.

use async_trait::async_trait;
use neargate_api_types::application_autoscaling as scaling;
use neargate_wire::Timestamp;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found, never_imported};

pub struct AppautoscalingScheduledAction;

const MISSING: [&str; 1] = ["ObjectNotFoundException"];

#[async_trait]
impl Resource for AppautoscalingScheduledAction {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["name", "resource_id", "scalable_dimension", "service_namespace"],
            defaults: &[("timezone", Fallback::Text("UTC"))],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        put(cloud, planned).await?;
        let part = |name: &str| planned.required(name);
        Ok(format!("{}-{}-{}", part("name"), part("service_namespace"), part("resource_id")))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = scaling::DescribeScheduledActionsRequest {
            resource_id: known.string("resource_id"),
            scalable_dimension: known.string("scalable_dimension"),
            scheduled_action_names: Some(vec![known.required("name")]),
            service_namespace: known.required("service_namespace"),
            ..Default::default()
        };
        let actions = cloud.call::<scaling::DescribeScheduledActions>(&input).await?;
        let actions = actions.scheduled_actions.unwrap_or_default();
        let Some(action) = actions.into_iter().next() else { return Ok(None) };
        let bounds = action.scalable_target_action.unwrap_or_default();
        let number = |number: Option<i32>| number.map(|n| n.to_string()).unwrap_or_default();
        let time = |at: Option<Timestamp>| at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ"));
        known.extend(json!({
            "arn": action.scheduled_action_arn,
            "end_time": time(action.end_time),
            "name": action.scheduled_action_name,
            "resource_id": action.resource_id,
            "scalable_dimension": action.scalable_dimension,
            "scalable_target_action": [{
                "max_capacity": number(bounds.max_capacity),
                "min_capacity": number(bounds.min_capacity),
            }],
            "schedule": action.schedule,
            "service_namespace": action.service_namespace,
            "start_time": time(action.start_time),
            "timezone": action.timezone.unwrap_or_default(),
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
        let input = scaling::DeleteScheduledActionRequest {
            resource_id: prior.required("resource_id"),
            scalable_dimension: prior.required("scalable_dimension"),
            scheduled_action_name: prior.required("name"),
            service_namespace: prior.required("service_namespace"),
        };
        found(cloud.call::<scaling::DeleteScheduledAction>(&input).await, &MISSING)?;
        Ok(())
    }

    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        Err(never_imported(id))
    }
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let bounds = planned.block("scalable_target_action").unwrap_or_default();
    let input = scaling::PutScheduledActionRequest {
        end_time: time(planned, "end_time")?,
        resource_id: planned.required("resource_id"),
        scalable_dimension: planned.required("scalable_dimension"),
        scalable_target_action: Some(scaling::ScalableTargetAction {
            max_capacity: bounds.number("max_capacity"),
            min_capacity: bounds.number("min_capacity"),
        }),
        schedule: planned.string("schedule"),
        scheduled_action_name: planned.required("name"),
        service_namespace: planned.required("service_namespace"),
        start_time: time(planned, "start_time")?,
        timezone: planned.string("timezone"),
    };
    cloud.call::<scaling::PutScheduledAction>(&input).await?;
    Ok(())
}

fn time(planned: &Attributes, name: &str) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = planned.text(name) else { return Ok(None) };
    let wrong =
        || Failure::told(format!("{name} is {text:?}, and has to be as 2030-01-31T08:00:00Z"));
    Timestamp::parse_iso8601(text).map(Some).ok_or_else(wrong)
}
