//! SetSubnets: other subnets for a load balancer. Nodes in subnets that stay, stay.

use neargate_api::model::elbv2::{LoadBalancer, Node};
use neargate_api::types::elbv2::{SetSubnetsInput, SetSubnetsOutput, error};
use neargate_api::{AwsError, Ctx, Rng, Timestamp, Tx};

use super::nodes::{self, NodeSpec};
use crate::load_balancer;

pub async fn call(ctx: Ctx, input: SetSubnetsInput) -> Result<SetSubnetsOutput, AwsError> {
    if let Some(asked) = &input.ip_address_type {
        nodes::check_ip_address_type(asked)?;
    }
    let wanted = nodes::subnet_ids(input.subnets, input.subnet_mappings)?;
    let (rng, now, arn) = (ctx.rng().clone(), ctx.now, input.load_balancer_arn);
    let changed = ctx.write(move |tx| set(tx, &arn, &wanted, &rng, now)).await?;
    Ok(SetSubnetsOutput {
        availability_zones: Some(load_balancer::zones(&changed.nodes)),
        ip_address_type: Some(changed.ip_address_type),
        ..Default::default()
    })
}

fn set(
    tx: &mut Tx,
    arn: &str,
    wanted: &[String],
    rng: &Rng,
    now: Timestamp,
) -> Result<LoadBalancer, AwsError> {
    let mut balancer = LoadBalancer::clone(&*load_balancer::find(tx, arn)?);
    let vpc_id = nodes::vpc_of(tx, &balancer.region, wanted, balancer.scheme)?;
    if vpc_id != balancer.vpc_id {
        return Err(error::invalid_configuration_request_exception(
            "The subnets must belong to the VPC of the load balancer",
        ));
    }
    let spec = NodeSpec {
        region: balancer.region.clone(),
        balancer_id: balancer.id().to_owned(),
        scheme: balancer.scheme,
        security_group_ids: balancer.security_group_ids.clone(),
    };
    let (kept, gone): (Vec<Node>, Vec<Node>) =
        balancer.nodes.into_iter().partition(|node| wanted.contains(&node.subnet_id));
    nodes::close(tx, &balancer.region, &gone);
    balancer.nodes = kept;
    for subnet_id in wanted {
        if !balancer.nodes.iter().any(|node| node.subnet_id == *subnet_id) {
            let node = nodes::open(tx, &spec, subnet_id, rng, now)?;
            balancer.nodes.push(node);
        }
    }
    tx.put(balancer.clone());
    Ok(balancer)
}
