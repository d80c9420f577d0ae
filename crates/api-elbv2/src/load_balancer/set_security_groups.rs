//! SetSecurityGroups: other groups for the nodes of a load balancer.

use neargate_api::model::ec2::{NetworkInterface, key};
use neargate_api::model::elbv2::LoadBalancer;
use neargate_api::types::elbv2::{SetSecurityGroupsInput, SetSecurityGroupsOutput};
use neargate_api::{AwsError, Ctx};

use super::nodes;
use crate::{invalid, load_balancer};

pub async fn call(
    ctx: Ctx,
    input: SetSecurityGroupsInput,
) -> Result<SetSecurityGroupsOutput, AwsError> {
    if input.enforce_security_group_inbound_rules_on_private_link_traffic.is_some() {
        return Err(invalid(
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic is supported for Network Load Balancers only",
        ));
    }
    let arn = input.load_balancer_arn;
    let set = ctx
        .write(move |tx| {
            let balancer = load_balancer::find(tx, &arn)?;
            let region = balancer.region.as_str();
            let groups = nodes::groups(tx, region, &balancer.vpc_id, input.security_groups)?;
            for node in &balancer.nodes {
                tx.update::<NetworkInterface>(&key(region, &node.interface_id), |interface| {
                    interface.security_group_ids = groups.clone();
                });
            }
            tx.update::<LoadBalancer>(&arn, |b| b.security_group_ids = groups.clone());
            Ok(groups)
        })
        .await?;
    Ok(SetSecurityGroupsOutput { security_group_ids: Some(set), ..Default::default() })
}
