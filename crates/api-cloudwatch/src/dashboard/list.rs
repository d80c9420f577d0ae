//! ListDashboards.

use neargate_api::model::cloudwatch::Dashboard;
use neargate_api::types::cloudwatch::{
    DashboardEntry, ListDashboardsInput, ListDashboardsOutput, error,
};
use neargate_api::{AwsError, Ctx, page};

/// Dashboards on a page.
const PAGE: usize = 1000;

pub async fn call(ctx: Ctx, input: ListDashboardsInput) -> Result<ListDashboardsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = input.dashboard_name_prefix.unwrap_or_default();
    let found = snapshot.scan::<Dashboard>(&prefix);
    let page = page(found, |d| d.name.clone(), input.next_token.as_deref(), PAGE)
        .ok_or_else(|| error::invalid_parameter_value_exception("The NextToken is invalid."))?;
    let entries = page.items.iter().map(|dashboard| DashboardEntry {
        dashboard_arn: Some(dashboard.arn.clone()),
        dashboard_name: Some(dashboard.name.clone()),
        last_modified: Some(dashboard.modified_at),
        size: Some(dashboard.body.len() as i64),
    });
    Ok(ListDashboardsOutput {
        dashboard_entries: Some(entries.collect()),
        next_token: page.next_token,
    })
}
