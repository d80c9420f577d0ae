//! ListDeployments: the newest first, of one group or of all.

use neargate_api::model::codedeploy::Deployment;
use neargate_api::types::codedeploy::{ListDeploymentsInput, ListDeploymentsOutput, error};
use neargate_api::{AwsError, Ctx};

use crate::{deployment_group, pages};

/// What statuses can be asked for.
const STATUSES: [&str; 8] =
    ["Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready"];

pub async fn call(
    ctx: Ctx,
    input: ListDeploymentsInput,
) -> Result<ListDeploymentsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    match (&input.application_name, &input.deployment_group_name) {
        (Some(application), Some(group)) => {
            deployment_group::find(&snapshot, &ctx.region, application, group)?;
        }
        (None, None) => {}
        (None, Some(_)) => {
            return Err(error::application_name_required_exception(
                "The application name was not specified.",
            ));
        }
        (Some(_), None) => {
            return Err(error::deployment_group_name_required_exception(
                "The deployment group name was not specified.",
            ));
        }
    }
    let statuses = input.include_only_statuses.as_deref().unwrap_or_default();
    if let Some(wrong) = statuses.iter().find(|given| !STATUSES.contains(&given.as_str())) {
        return Err(error::invalid_deployment_status_exception(format!(
            "The deployment status {wrong} is invalid."
        )));
    }
    let mut found: Vec<_> = snapshot
        .scan::<Deployment>(&format!("{}/", ctx.region))
        .filter(|deployment| is_asked_for(deployment, &input))
        .map(|deployment| (key(&deployment), deployment.id.clone()))
        .collect();
    found.sort();
    let page = pages::of(found, |(key, _)| key.clone(), input.next_token.as_deref())?;
    Ok(ListDeploymentsOutput {
        deployments: Some(page.items.into_iter().map(|(_, id)| id).collect()),
        next_token: page.next_token,
    })
}

/// Sorts the newest first.
fn key(deployment: &Deployment) -> String {
    format!("{:019}/{}", i64::MAX - deployment.created_at.millis(), deployment.id)
}

fn is_asked_for(deployment: &Deployment, input: &ListDeploymentsInput) -> bool {
    let same = |asked: &Option<String>, is: &str| asked.as_ref().is_none_or(|asked| asked == is);
    let statuses = input.include_only_statuses.as_deref().unwrap_or_default();
    let range = input.create_time_range.as_ref();
    let start = range.and_then(|range| range.start);
    let end = range.and_then(|range| range.end);
    same(&input.application_name, &deployment.application)
        && same(&input.deployment_group_name, &deployment.group)
        && (statuses.is_empty() || statuses.iter().any(|s| s == deployment.status.as_str()))
        && start.is_none_or(|start| deployment.created_at >= start)
        && end.is_none_or(|end| deployment.created_at <= end)
        && input.external_id.is_none()
}
