//! The attributes of a load balancer.

use neargate_api::model::elbv2::{LOAD_BALANCER_ATTRIBUTES, LoadBalancer, Scheme};
use neargate_api::types::elbv2::{
    DescribeLoadBalancerAttributesInput, DescribeLoadBalancerAttributesOutput,
    LoadBalancerAttribute, ModifyLoadBalancerAttributesInput, ModifyLoadBalancerAttributesOutput,
    error,
};
use neargate_api::{AwsError, Ctx};

use crate::access_logs::Destination;
use crate::{attributes, load_balancer};

pub async fn describe(
    ctx: Ctx,
    input: DescribeLoadBalancerAttributesInput,
) -> Result<DescribeLoadBalancerAttributesOutput, AwsError> {
    let balancer = load_balancer::find(&ctx.snapshot(), &input.load_balancer_arn)?;
    Ok(DescribeLoadBalancerAttributesOutput { attributes: Some(shown(&balancer)) })
}

pub async fn modify(
    ctx: Ctx,
    input: ModifyLoadBalancerAttributesInput,
) -> Result<ModifyLoadBalancerAttributesOutput, AwsError> {
    let given = input.attributes.into_iter().map(|a| (a.key, a.value)).collect();
    let given = attributes::check("Load balancer", LOAD_BALANCER_ATTRIBUTES, given)?;
    let arn = input.load_balancer_arn;
    let (account, now) = (ctx.account().to_owned(), ctx.now);
    let logs = given.keys().any(|key| key.starts_with("access_logs."));
    let changed = ctx
        .write(move |tx| {
            let mut balancer = LoadBalancer::clone(&*load_balancer::find(tx, &arn)?);
            balancer.attributes.extend(given);
            check(&balancer)?;
            if let Some(to) = Destination::of(&balancer, &account).filter(|_| logs) {
                to.admits(tx.view(), &account, &to.test_key(), now)?;
            }
            tx.put(balancer.clone());
            Ok(balancer)
        })
        .await?;
    Ok(ModifyLoadBalancerAttributesOutput { attributes: Some(shown(&changed)) })
}

/// Refuses combinations that AWS does not take.
fn check(balancer: &LoadBalancer) -> Result<(), AwsError> {
    for kind in ["access_logs", "connection_logs", "health_check_logs"] {
        let on = balancer.attribute(&format!("{kind}.s3.enabled")) == "true";
        if on && balancer.attribute(&format!("{kind}.s3.bucket")).is_empty() {
            return Err(error::invalid_configuration_request_exception(format!(
                "The attribute '{kind}.s3.bucket' is required when '{kind}.s3.enabled' is true"
            )));
        }
    }
    Ok(())
}

/// Internal load balancers deny what comes through an internet gateway, unless told otherwise.
fn shown(balancer: &LoadBalancer) -> Vec<LoadBalancerAttribute> {
    let mut set = balancer.attributes.clone();
    if balancer.scheme == Scheme::Internal {
        set.entry("ipv6.deny_all_igw_traffic".into()).or_insert_with(|| "true".into());
    }
    attributes::shown(LOAD_BALANCER_ATTRIBUTES, &set)
}
