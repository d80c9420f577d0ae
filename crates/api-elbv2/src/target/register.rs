//! RegisterTargets: addresses of the group's VPC, or private ones elsewhere.

use std::net::Ipv4Addr;

use neargate_api::model::ec2::{self, Subnet, Vpc};
use neargate_api::model::elbv2::{TargetGroup, register_target, targets_of};
use neargate_api::types::elbv2::{
    RegisterTargetsInput, RegisterTargetsOutput, TargetDescription, error,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use super::{address, port};
use crate::account_limit::TARGETS_PER_TARGET_GROUP;
use crate::{invalid, target_group};

pub async fn call(
    ctx: Ctx,
    input: RegisterTargetsInput,
) -> Result<RegisterTargetsOutput, AwsError> {
    let now = ctx.now;
    ctx.write(move |tx| {
        let group = target_group::find(tx, &input.target_group_arn)?;
        for target in &input.targets {
            let ip = address(target)?;
            let zone = zone(tx, &group, target, ip)?;
            let port = port(&group, target)?;
            register_target(tx, &group.arn, &ip.to_string(), port, zone, now)
                .map_err(|error| error::target_group_not_found_exception(error.to_string()))?;
        }
        if targets_of(tx, &group.arn).count() > TARGETS_PER_TARGET_GROUP {
            return Err(error::too_many_targets_exception(format!(
                "The maximum number of targets of a target group is '{TARGETS_PER_TARGET_GROUP}'"
            )));
        }
        Ok(())
    })
    .await?;
    Ok(RegisterTargetsOutput {})
}

/// The zone of the subnet that has the address, or the one that is given for an
/// address outside of the VPC.
fn zone(
    snapshot: &Snapshot,
    group: &TargetGroup,
    target: &TargetDescription,
    ip: Ipv4Addr,
) -> Result<Option<String>, AwsError> {
    let vpc = snapshot.get::<Vpc>(&ec2::key(&group.region, &group.vpc_id));
    if vpc.is_some_and(|vpc| vpc.cidrs.iter().any(|own| own.cidr.contains(ip))) {
        let mut subnets = snapshot.scan::<Subnet>(&ec2::prefix(&group.region));
        let subnet = subnets.find(|s| s.vpc_id == group.vpc_id && s.cidr.contains(ip));
        return Ok(subnet.map(|subnet| subnet.zone.clone()));
    }
    let shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
    if !ip.is_private() && !shared {
        return Err(error::invalid_target_exception(format!(
            "The IP address '{ip}' must be in the VPC of the target group, in a private range or in 100.64.0.0/10"
        )));
    }
    match &target.availability_zone {
        Some(zone) => Ok(Some(zone.clone())),
        None => Err(invalid(format!(
            "You must specify an Availability Zone for the IP address '{ip}', which is outside of the VPC '{}'",
            group.vpc_id
        ))),
    }
}
