//! DescribeListeners: those of a load balancer, or of some ARNs.

use neargate_api::model::elbv2::listeners_of;
use neargate_api::types::elbv2::{DescribeListenersInput, DescribeListenersOutput, error};
use neargate_api::{AwsError, Ctx};

use crate::{invalid, listener, load_balancer, pages};

pub async fn call(
    ctx: Ctx,
    input: DescribeListenersInput,
) -> Result<DescribeListenersOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let arns = input.listener_arns.unwrap_or_default();
    let mut wanted = Vec::new();
    match &input.load_balancer_arn {
        Some(arn) if arns.is_empty() => {
            load_balancer::find(&snapshot, arn)?;
            wanted.extend(listeners_of(&snapshot, arn));
        }
        None if !arns.is_empty() => {
            for arn in &arns {
                wanted.push(listener::find(&snapshot, arn).map_err(|_| {
                    error::listener_not_found_exception("One or more listeners not found")
                })?);
            }
            wanted.sort_by(|a, b| a.arn.cmp(&b.arn));
        }
        _ => {
            return Err(invalid("You must specify either listener ARNs or a load balancer ARN"));
        }
    }
    let page = pages::cut(wanted, |l| l.arn.clone(), input.marker, input.page_size)?;
    Ok(DescribeListenersOutput {
        listeners: Some(page.items.iter().map(|l| listener::shown(l)).collect()),
        next_marker: page.next_token,
    })
}
