//! DescribeScheduledActions.

use neargate_api::model::application_autoscaling::ScheduledAction;
use neargate_api::types::application_autoscaling::{
    DescribeScheduledActionsRequest, DescribeScheduledActionsResponse,
};
use neargate_api::{AwsError, Ctx, Record};

use crate::pages;

pub async fn call(
    ctx: Ctx,
    input: DescribeScheduledActionsRequest,
) -> Result<DescribeScheduledActionsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = format!("{}/{}:", ctx.region, input.service_namespace);
    let found = snapshot.scan::<ScheduledAction>(&prefix).filter(|action| {
        let shown = &action.shown;
        let asked =
            |names: &Vec<String>| names.is_empty() || names.contains(&shown.scheduled_action_name);
        input.scheduled_action_names.as_ref().is_none_or(asked)
            && input.resource_id.as_ref().is_none_or(|id| *id == shown.resource_id)
            && input.scalable_dimension.as_ref().is_none_or(|d| *d == action.scalable_dimension)
    });
    let page = pages::of(found, |a| a.key(), input.next_token.as_deref(), input.max_results)?;
    Ok(DescribeScheduledActionsResponse {
        scheduled_actions: Some(page.items.iter().map(|action| action.shown.0.clone()).collect()),
        next_token: page.next_token,
    })
}
