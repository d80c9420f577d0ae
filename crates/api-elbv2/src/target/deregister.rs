//! DeregisterTargets: they drain. Those that are not registered are no error.

use neargate_api::model::elbv2::{deregister_target, targets_of};
use neargate_api::types::elbv2::{DeregisterTargetsInput, DeregisterTargetsOutput};
use neargate_api::{AwsError, Ctx};

use super::{address, port};
use crate::target_group;

pub async fn call(
    ctx: Ctx,
    input: DeregisterTargetsInput,
) -> Result<DeregisterTargetsOutput, AwsError> {
    let wall = ctx.cloud.clock.wall();
    ctx.write(move |tx| {
        let group = target_group::find(tx, &input.target_group_arn)?;
        for target in &input.targets {
            let ip = address(target)?.to_string();
            // Without a port, all registrations of the address are meant.
            let ports = match target.port {
                Some(_) => vec![port(&group, target)?],
                None => targets_of(tx, &group.arn)
                    .filter(|known| known.ip == ip)
                    .map(|known| known.port)
                    .collect(),
            };
            for port in ports {
                deregister_target(tx, &group.arn, &ip, port, wall);
            }
        }
        Ok(())
    })
    .await?;
    Ok(DeregisterTargetsOutput {})
}
