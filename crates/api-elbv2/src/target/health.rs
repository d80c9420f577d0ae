//! DescribeTargetHealth: what health checks say of the targets of a group.

use neargate_api::model::elbv2::{Target, TargetGroup, targets_of};
use neargate_api::types::elbv2::{
    AdministrativeOverride, AnomalyDetection, DescribeTargetHealthInput,
    DescribeTargetHealthOutput, TargetDescription, TargetHealth, TargetHealthDescription,
};
use neargate_api::{AwsError, Ctx};

use super::port;
use crate::target_group;

pub async fn call(
    ctx: Ctx,
    input: DescribeTargetHealthInput,
) -> Result<DescribeTargetHealthOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let group = target_group::find(&snapshot, &input.target_group_arn)?;
    let mut shown = Vec::new();
    match input.targets.filter(|targets| !targets.is_empty()) {
        None => shown.extend(targets_of(&snapshot, &group.arn).map(|t| of(&group, &t))),
        Some(asked) => {
            for target in asked {
                let port = port(&group, &target)?;
                let key = Target::key_of(&group.arn, &target.id, port);
                shown.push(match snapshot.get::<Target>(&key) {
                    Some(found) => of(&group, &found),
                    None => unknown(&group, target, port),
                });
            }
        }
    }
    let include = input.include.unwrap_or_default();
    if include.iter().any(|what| what == "AnomalyDetection" || what == "All") {
        for target in &mut shown {
            target.anomaly_detection = Some(AnomalyDetection {
                result: Some("normal".into()),
                mitigation_in_effect: Some("no".into()),
            });
        }
    }
    Ok(DescribeTargetHealthOutput { target_health_descriptions: Some(shown) })
}

fn of(group: &TargetGroup, target: &Target) -> TargetHealthDescription {
    let description = TargetDescription {
        id: target.ip.clone(),
        port: Some(target.port.into()),
        availability_zone: target.zone.clone(),
        quic_server_id: None,
    };
    let health = TargetHealth {
        state: Some(target.state.as_str().into()),
        reason: target.reason.clone(),
        description: target.description.clone(),
    };
    shown(group, target.port, description, health)
}

fn unknown(group: &TargetGroup, target: TargetDescription, port: u16) -> TargetHealthDescription {
    let health = TargetHealth {
        state: Some("unused".into()),
        reason: Some("Target.NotRegistered".into()),
        description: Some("Target is not registered to the target group".into()),
    };
    shown(group, port, TargetDescription { port: Some(port.into()), ..target }, health)
}

fn shown(
    group: &TargetGroup,
    port: u16,
    target: TargetDescription,
    health: TargetHealth,
) -> TargetHealthDescription {
    let check_port = match group.health_check.port.as_str() {
        "traffic-port" => port.to_string(),
        own => own.to_owned(),
    };
    TargetHealthDescription {
        target: Some(target),
        health_check_port: Some(check_port),
        target_health: Some(health),
        anomaly_detection: None,
        administrative_override: Some(AdministrativeOverride {
            state: Some("no_override".into()),
            reason: Some("AdministrativeOverride.NoOverride".into()),
            description: Some("No override is currently active on target".into()),
        }),
    }
}
