//! `aws_lb_target_group`. Its health check is part of it; all
//! else are attributes.

mod health_check;
mod settings;

use async_trait::async_trait;
use neargate_api_types::elbv2;
use serde_json::{Value as Json, json};

use super::lb_attributes::Keyed;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::security_group::prefix_of;
use crate::{tags, waits};

pub struct LbTargetGroup;

const MISSING: [&str; 2] = ["TargetGroupNotFound", "TargetGroupNotFoundException"];

#[async_trait]
impl Resource for LbTargetGroup {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "ip_address_type",
                "name",
                "name_prefix",
                "port",
                "protocol",
                "protocol_version",
                "target_type",
                "vpc_id",
            ],
            defaults: &[
                ("deregistration_delay", Fallback::Text("300")),
                ("health_check.enabled", Fallback::Bool(true)),
                ("health_check.healthy_threshold", Fallback::Number(3)),
                ("health_check.interval", Fallback::Number(30)),
                ("health_check.port", Fallback::Text("traffic-port")),
                ("health_check.protocol", Fallback::Text("HTTP")),
                ("health_check.unhealthy_threshold", Fallback::Number(3)),
                ("lambda_multi_value_headers_enabled", Fallback::Bool(false)),
                ("proxy_protocol_v2", Fallback::Bool(false)),
                ("slow_start", Fallback::Number(0)),
                ("stickiness.cookie_duration", Fallback::Number(86400)),
                ("stickiness.enabled", Fallback::Bool(true)),
                (
                    "target_group_health.dns_failover.minimum_healthy_targets_percentage",
                    Fallback::Text("off"),
                ),
                (
                    "target_group_health.unhealthy_state_routing.minimum_healthy_targets_count",
                    Fallback::Number(1),
                ),
                (
                    "target_group_health.unhealthy_state_routing.minimum_healthy_targets_percentage",
                    Fallback::Text("off"),
                ),
                ("target_type", Fallback::Text("instance")),
            ],
            filled: &[
                "health_check",
                "stickiness",
                "target_failover",
                "target_group_health",
                "target_health_state",
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let is_lambda = planned.text("target_type") == Some("lambda");
        let place = |name: &str| planned.string(name).filter(|_| !is_lambda);
        let mut input = elbv2::CreateTargetGroupInput {
            ip_address_type: planned.string("ip_address_type"),
            name: name(cloud, planned),
            port: planned.number("port").filter(|_| !is_lambda),
            protocol: place("protocol"),
            protocol_version: place("protocol_version").filter(|_| is_http(planned)),
            tags: tags::elbv2::given(planned),
            target_type: planned.string("target_type"),
            vpc_id: place("vpc_id"),
            ..Default::default()
        };
        health_check::of_new(planned, &mut input);
        let made = cloud.call::<elbv2::CreateTargetGroup>(&input).await?.target_groups;
        let made = made.unwrap_or_default().into_iter().next().unwrap_or_default();
        Ok(made.target_group_arn.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        set_attributes(cloud, &planned.id(), planned).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let Some(group) = target_group(cloud, &arn).await? else { return Ok(None) };
        let name = group.target_group_name.clone().unwrap_or_default();
        known.set("name_prefix", prefix_of(&name, &known));
        known.extend(described(group));
        known.extend(settings::described(&attributes(cloud, &arn).await?));
        tags::set(&mut known, cloud, tags::elbv2::of(cloud, &arn).await?);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let arn = planned.id();
        if prior.differs(planned, "health_check")
            && let Some(input) = health_check::of_changed(planned, &arn)
        {
            cloud.call::<elbv2::ModifyTargetGroup>(&input).await?;
        }
        set_attributes(cloud, &arn, planned).await?;
        tags::elbv2::update(cloud, &arn, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = elbv2::DeleteTargetGroupInput { target_group_arn: prior.id() };
        let what = format!("Target group {}", prior.required("name"));
        let busy = ["ResourceInUse", "ResourceInUseException"];
        waits::delete(cloud, &what, &MISSING, &busy, || {
            cloud.call::<elbv2::DeleteTargetGroup>(&input)
        })
        .await
    }
}

fn is_http(planned: &Attributes) -> bool {
    matches!(planned.text("protocol"), Some("HTTP" | "HTTPS"))
}

async fn target_group(cloud: &Cloud, arn: &str) -> Result<Option<elbv2::TargetGroup>, Failure> {
    let input = elbv2::DescribeTargetGroupsInput {
        target_group_arns: Some(vec![arn.to_owned()]),
        ..Default::default()
    };
    let described = found(cloud.call::<elbv2::DescribeTargetGroups>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.target_groups?.into_iter().next()))
}

async fn attributes(cloud: &Cloud, arn: &str) -> Result<Keyed, Failure> {
    let input = elbv2::DescribeTargetGroupAttributesInput { target_group_arn: arn.to_owned() };
    let has = cloud.call::<elbv2::DescribeTargetGroupAttributes>(&input).await?.attributes;
    let has = Keyed::new(has.unwrap_or_default().into_iter().map(|has| (has.key, has.value)));
    let cookies = has.get("stickiness.type") == Some("lb_cookie");
    Ok(if cookies { has.or(&[("stickiness.lb_cookie.duration_seconds", "")]) } else { has })
}

async fn set_attributes(cloud: &Cloud, arn: &str, planned: &Attributes) -> Result<(), Failure> {
    let changes = attributes(cloud, arn).await?.changes(settings::wanted(planned));
    if changes.is_empty() {
        return Ok(());
    }
    let attribute =
        |(key, value)| elbv2::TargetGroupAttribute { key: Some(key), value: Some(value) };
    let input = elbv2::ModifyTargetGroupAttributesInput {
        attributes: changes.into_iter().map(attribute).collect(),
        target_group_arn: arn.to_owned(),
    };
    cloud.call::<elbv2::ModifyTargetGroupAttributes>(&input).await?;
    Ok(())
}

/// What its description says.
fn described(group: elbv2::TargetGroup) -> Json {
    let arn = group.target_group_arn.clone().unwrap_or_default();
    let suffix = arn.rsplit_once(':').map(|(_, suffix)| suffix.to_owned());
    json!({
        "arn": arn,
        "arn_suffix": suffix,
        "health_check": [health_check::block(&group)],
        "ip_address_type": group.ip_address_type,
        "load_balancer_arns": group.load_balancer_arns.unwrap_or_default(),
        "name": group.target_group_name,
        "port": group.port,
        "protocol": group.protocol,
        "protocol_version": group.protocol_version,
        "target_type": group.target_type,
        "vpc_id": group.vpc_id.unwrap_or_default(),
    })
}

/// What a new target group is called.
pub fn name(cloud: &Cloud, planned: &Attributes) -> String {
    let prefix = planned.text("name_prefix").unwrap_or("tf-");
    planned.string("name").unwrap_or_else(|| cloud.unique_name(Some(prefix)))
}
