//! GetDashboard: the body as it was given.

use neargate_api::model::cloudwatch::Dashboard;
use neargate_api::types::cloudwatch::{GetDashboardInput, GetDashboardOutput};
use neargate_api::{AwsError, Ctx};

use crate::dashboard;

pub async fn call(ctx: Ctx, input: GetDashboardInput) -> Result<GetDashboardOutput, AwsError> {
    let name = input.dashboard_name;
    let found = ctx.snapshot().get::<Dashboard>(&name);
    let found = found.ok_or_else(|| dashboard::not_found(&name))?;
    Ok(GetDashboardOutput {
        dashboard_arn: Some(found.arn.clone()),
        dashboard_body: Some(found.body.clone()),
        dashboard_name: Some(name),
    })
}
