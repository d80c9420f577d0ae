//! DeleteLoadBalancer: it goes with its listeners, rules and nodes. One that is
//! not there is no error, as on AWS.

use neargate_api::model::elbv2::{Listener, LoadBalancer, listeners_of};
use neargate_api::types::elbv2::{DeleteLoadBalancerInput, DeleteLoadBalancerOutput, error};
use neargate_api::{AwsError, Ctx};

use super::nodes;
use crate::listener;

pub async fn call(
    ctx: Ctx,
    input: DeleteLoadBalancerInput,
) -> Result<DeleteLoadBalancerOutput, AwsError> {
    let arn = input.load_balancer_arn;
    ctx.write(move |tx| {
        let Some(balancer) = tx.get::<LoadBalancer>(&arn) else { return Ok(()) };
        if balancer.attribute("deletion_protection.enabled") == "true" {
            return Err(error::operation_not_permitted_exception(format!(
                "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            )));
        }
        let listeners: Vec<String> =
            listeners_of(tx, &arn).map(|l: std::sync::Arc<Listener>| l.arn.clone()).collect();
        for listener in listeners {
            listener::remove(tx, &listener);
        }
        nodes::close(tx, &balancer.region, &balancer.nodes);
        tx.delete::<LoadBalancer>(&arn);
        Ok(())
    })
    .await?;
    Ok(DeleteLoadBalancerOutput {})
}
