//! DescribeLoadBalancers: all of the region, or those of some ARNs or names.

use std::sync::Arc;

use neargate_api::model::elbv2::{LoadBalancer, prefix};
use neargate_api::types::elbv2::{DescribeLoadBalancersInput, DescribeLoadBalancersOutput, error};
use neargate_api::{AwsError, Ctx};

use crate::{invalid, load_balancer, pages};

pub async fn call(
    ctx: Ctx,
    input: DescribeLoadBalancersInput,
) -> Result<DescribeLoadBalancersOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let arns = input.load_balancer_arns.unwrap_or_default();
    let names = input.names.unwrap_or_default();
    if !arns.is_empty() && !names.is_empty() {
        return Err(invalid(
            "Load balancer names and load balancer ARNs cannot be specified at the same time",
        ));
    }
    let mut wanted: Vec<Arc<LoadBalancer>> = Vec::new();
    if arns.is_empty() {
        wanted.extend(snapshot.scan::<LoadBalancer>(&prefix(&ctx.region)));
        for name in &names {
            if !wanted.iter().any(|balancer| balancer.name == *name) {
                return Err(error::load_balancer_not_found_exception(format!(
                    "Load balancers '[{name}]' not found"
                )));
            }
        }
        wanted.retain(|balancer| names.is_empty() || names.contains(&balancer.name));
    } else {
        for arn in &arns {
            wanted.push(load_balancer::find(&snapshot, arn)?);
        }
        wanted.sort_by(|a, b| a.arn.cmp(&b.arn));
        wanted.dedup_by(|a, b| a.arn == b.arn);
    }
    let page = pages::cut(wanted, |balancer| balancer.arn.clone(), input.marker, input.page_size)?;
    Ok(DescribeLoadBalancersOutput {
        load_balancers: Some(page.items.iter().map(|b| load_balancer::shown(b)).collect()),
        next_marker: page.next_token,
    })
}
