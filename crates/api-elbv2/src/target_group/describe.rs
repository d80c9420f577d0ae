//! DescribeTargetGroups: all of the region, or those of a load balancer, some ARNs or names.

use std::sync::Arc;

use neargate_api::model::elbv2::{TargetGroup, load_balancers_of, prefix};
use neargate_api::types::elbv2::{DescribeTargetGroupsInput, DescribeTargetGroupsOutput};
use neargate_api::{AwsError, Ctx};

use crate::{invalid, load_balancer, pages, target_group};

pub async fn call(
    ctx: Ctx,
    input: DescribeTargetGroupsInput,
) -> Result<DescribeTargetGroupsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let arns = input.target_group_arns.unwrap_or_default();
    let names = input.names.unwrap_or_default();
    let ways = [!arns.is_empty(), !names.is_empty(), input.load_balancer_arn.is_some()];
    if ways.iter().filter(|way| **way).count() > 1 {
        return Err(invalid(
            "Only one of load balancer ARN, target group ARNs and target group names can be specified",
        ));
    }
    let mut wanted: Vec<Arc<TargetGroup>> = Vec::new();
    if arns.is_empty() {
        wanted.extend(snapshot.scan::<TargetGroup>(&prefix(&ctx.region)));
    }
    for arn in &arns {
        wanted.push(target_group::find(&snapshot, arn)?);
    }
    if names.iter().any(|name| !wanted.iter().any(|group| group.name == *name)) {
        return Err(target_group::missing());
    }
    wanted.retain(|group| names.is_empty() || names.contains(&group.name));
    if let Some(arn) = &input.load_balancer_arn {
        load_balancer::find(&snapshot, arn)?;
        wanted.retain(|group| load_balancers_of(&snapshot, &group.arn).contains(arn));
    }
    wanted.sort_by(|a, b| a.arn.cmp(&b.arn));
    wanted.dedup_by(|a, b| a.arn == b.arn);
    let page = pages::cut(wanted, |group| group.arn.clone(), input.marker, input.page_size)?;
    let shown = page.items.iter().map(|group| target_group::shown(&snapshot, group)).collect();
    Ok(DescribeTargetGroupsOutput { target_groups: Some(shown), next_marker: page.next_token })
}
