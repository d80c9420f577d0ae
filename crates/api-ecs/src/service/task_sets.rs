//! DescribeTaskSets: the task sets of a service that CodeDeploy deploys.

use neargate_api::model::ecs::{Controller, Service};
use neargate_api::types::ecs::{DescribeTaskSetsRequest, DescribeTaskSetsResponse, error};
use neargate_api::{AwsError, Ctx};

use super::{find, not_found, shown};
use crate::{cluster, failure};

pub async fn describe(
    ctx: Ctx,
    input: DescribeTaskSetsRequest,
) -> Result<DescribeTaskSetsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, Some(&input.cluster))?;
    let service = find(&ctx, &snapshot, &cluster.name, &input.service).ok_or_else(not_found)?;
    if service.controller == Controller::Ecs {
        return Err(error::invalid_parameter_exception(
            "Amazon ECS only supports task sets for services with a CODE_DEPLOY or EXTERNAL deployment controller.",
        ));
    }
    let all = shown(&snapshot, &service, false).task_sets.unwrap_or_default();
    let Some(wanted) = input.task_sets.filter(|wanted| !wanted.is_empty()) else {
        return Ok(DescribeTaskSetsResponse { task_sets: Some(all), failures: Some(Vec::new()) });
    };
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for reference in wanted {
        let set = all.iter().find(|set| {
            set.task_set_arn.as_ref() == Some(&reference) || set.id.as_ref() == Some(&reference)
        });
        match set {
            Some(set) => found.push(set.clone()),
            None => failures.push(failure::missing(reference)),
        }
    }
    Ok(DescribeTaskSetsResponse { task_sets: Some(found), failures: Some(failures) })
}

/// Events that tell how many tasks each task set shall have, after a change of the desired count.
pub fn tell_counts(ctx: &Ctx, service: &mut Service) {
    let counts: Vec<String> = service
        .deployments
        .iter()
        .filter(|set| set.task_set.is_some())
        .map(|set| {
            let count = service.computed_desired_count(set);
            format!("updated computedDesiredCount for taskSet {} to {count}.", set.id)
        })
        .collect();
    for what in counts {
        service.tell(ctx.rng().uuid(), ctx.now, what);
    }
}
