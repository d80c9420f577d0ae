//! DeleteDashboards: all of them, or none when one is not there.

use neargate_api::model::cloudwatch::Dashboard;
use neargate_api::types::cloudwatch::{DeleteDashboardsInput, DeleteDashboardsOutput};
use neargate_api::{AwsError, Ctx};

use crate::dashboard;

pub async fn call(
    ctx: Ctx,
    input: DeleteDashboardsInput,
) -> Result<DeleteDashboardsOutput, AwsError> {
    for name in input.dashboard_names.iter().skip(1) {
        ctx.authorize("cloudwatch:DeleteDashboards", &dashboard::arn(&ctx, name))?;
    }
    ctx.write(move |tx| {
        for name in &input.dashboard_names {
            tx.delete::<Dashboard>(name).ok_or_else(|| dashboard::not_found(name))?;
        }
        Ok(())
    })
    .await?;
    Ok(DeleteDashboardsOutput {})
}
