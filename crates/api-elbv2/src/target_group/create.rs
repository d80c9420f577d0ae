//! CreateTargetGroup: targets by address. The same request twice gives the same one.

use neargate_api::model::ec2::{self, Vpc};
use neargate_api::model::elbv2::{TargetGroup, prefix};
use neargate_api::types::elbv2::{CreateTargetGroupInput, CreateTargetGroupOutput, error};
use neargate_api::{AwsError, Ctx, Tags, Tx};

use super::health_check::{self, Asked};
use crate::account_limit::TARGET_GROUPS;
use crate::{invalid, name, refused, tags, target_group};

pub async fn call(
    ctx: Ctx,
    input: CreateTargetGroupInput,
) -> Result<CreateTargetGroupOutput, AwsError> {
    let wanted = wanted(&ctx, input)?;
    let made = ctx.write(move |tx| make(tx, wanted)).await?;
    let shown = target_group::shown(&ctx.snapshot(), &made);
    Ok(CreateTargetGroupOutput { target_groups: Some(vec![shown]) })
}

fn wanted(ctx: &Ctx, input: CreateTargetGroupInput) -> Result<TargetGroup, AwsError> {
    name::check("Target group", &input.name)?;
    let kind = input.target_type.as_deref().unwrap_or("instance");
    if kind != "ip" {
        return Err(refused(format!(
            "Neargate has target groups of type 'ip' only, as Fargate tasks need them, not '{kind}'."
        )));
    }
    if input.ip_address_type.as_deref().is_some_and(|asked| asked != "ipv4") {
        return Err(refused(
            "Neargate's VPCs have no IPv6 addresses: IpAddressType must be 'ipv4'.",
        ));
    }
    if input.target_control_port.is_some() {
        return Err(refused("Neargate has no target optimizer: TargetControlPort cannot be set."));
    }
    let protocol = input.protocol.ok_or_else(|| invalid("A protocol must be specified"))?;
    if !matches!(protocol.as_str(), "HTTP" | "HTTPS") {
        return Err(refused(format!(
            "Neargate's load balancers speak HTTP and HTTPS: a target group cannot be '{protocol}'."
        )));
    }
    // Terraform sends an empty one when none is configured.
    let version = input.protocol_version.filter(|version| !version.is_empty());
    let version = version.unwrap_or_else(|| "HTTP1".into());
    if !matches!(version.as_str(), "HTTP1" | "HTTP2" | "GRPC") {
        return Err(invalid(format!(
            "Protocol version '{version}' must be one of '[HTTP1, HTTP2, GRPC]'"
        )));
    }
    let port = input.port.ok_or_else(|| invalid("A port must be specified"))?;
    let port = u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
        invalid(format!("Target group port '{port}' must be between '1-65535' inclusive"))
    })?;
    let asked = Asked {
        enabled: input.health_check_enabled,
        protocol: input.health_check_protocol,
        port: input.health_check_port,
        path: input.health_check_path,
        interval_secs: input.health_check_interval_seconds,
        timeout_secs: input.health_check_timeout_seconds,
        healthy_threshold: input.healthy_threshold_count,
        unhealthy_threshold: input.unhealthy_threshold_count,
        matcher: input.matcher,
    };
    let id = format!("targetgroup/{}/{}", input.name, ctx.rng().hex(16));
    Ok(TargetGroup {
        region: ctx.region.clone(),
        arn: ctx.arn("elasticloadbalancing", id),
        name: input.name,
        health_check: health_check::changed(health_check::default(&version), &version, asked)?,
        protocol,
        protocol_version: version,
        port,
        vpc_id: input.vpc_id.ok_or_else(|| invalid("A VPC ID must be specified"))?,
        attributes: Tags::new(),
        tags: tags::read(input.tags)?,
    })
}

fn make(tx: &mut Tx, wanted: TargetGroup) -> Result<TargetGroup, AwsError> {
    if !tx.contains::<Vpc>(&ec2::key(&wanted.region, &wanted.vpc_id)) {
        return Err(invalid(format!("The VPC ID '{}' is not found", wanted.vpc_id)));
    }
    let all: Vec<_> = tx.scan::<TargetGroup>(&prefix(&wanted.region)).collect();
    if let Some(there) = all.iter().find(|group| group.name == wanted.name) {
        let same =
            TargetGroup { arn: there.arn.clone(), attributes: there.attributes.clone(), ..wanted };
        if same == **there {
            return Ok(same);
        }
        return Err(error::duplicate_target_group_name_exception(
            "A target group with the same name exists, but with different settings",
        ));
    }
    if all.len() >= TARGET_GROUPS {
        return Err(error::too_many_target_groups_exception(format!(
            "The maximum number of target groups is '{TARGET_GROUPS}'"
        )));
    }
    tx.put(wanted.clone());
    Ok(wanted)
}
