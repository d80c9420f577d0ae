//! `aws_lb_target_group_attachment`: one target of a target group.

use async_trait::async_trait;
use neargate_api_types::elbv2;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found, never_imported};

pub struct LbTargetGroupAttachment;

const MISSING: [&str; 3] = ["InvalidTarget", "TargetGroupNotFound", "TargetGroupNotFoundException"];

#[async_trait]
impl Resource for LbTargetGroupAttachment {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["availability_zone", "port", "target_group_arn", "target_id"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let target_group_arn = planned.required("target_group_arn");
        let targets = vec![target(planned)];
        let input =
            elbv2::RegisterTargetsInput { target_group_arn: target_group_arn.clone(), targets };
        cloud.call::<elbv2::RegisterTargets>(&input).await?;
        Ok(cloud.unique_name(Some(&format!("{target_group_arn}-"))))
    }

    async fn read(&self, cloud: &Cloud, known: Attributes) -> Result<Option<Attributes>, Failure> {
        let input = elbv2::DescribeTargetHealthInput {
            target_group_arn: known.required("target_group_arn"),
            targets: Some(vec![target(&known)]),
            ..Default::default()
        };
        let health = found(cloud.call::<elbv2::DescribeTargetHealth>(&input).await, &MISSING)?;
        let health = health.and_then(|output| output.target_health_descriptions);
        // What is not registered is said to be unused, and why.
        let is_there = |target: &elbv2::TargetHealthDescription| {
            let reason = target.target_health.as_ref().and_then(|health| health.reason.as_deref());
            !matches!(reason, Some("Target.NotRegistered" | "Target.DeregistrationInProgress"))
        };
        Ok(health.unwrap_or_default().iter().any(is_there).then_some(known))
    }

    async fn update(
        &self,
        _cloud: &Cloud,
        _prior: &Attributes,
        _planned: &Attributes,
    ) -> Result<(), Failure> {
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = elbv2::DeregisterTargetsInput {
            target_group_arn: prior.required("target_group_arn"),
            targets: vec![target(prior)],
        };
        found(cloud.call::<elbv2::DeregisterTargets>(&input).await, &MISSING)?;
        Ok(())
    }

    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        Err(never_imported(id))
    }
}

fn target(attributes: &Attributes) -> elbv2::TargetDescription {
    elbv2::TargetDescription {
        availability_zone: attributes.string("availability_zone"),
        id: attributes.required("target_id"),
        port: attributes.number("port").filter(|port| *port > 0),
        ..Default::default()
    }
}
