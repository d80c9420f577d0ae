//! DeleteMetricFilter.

use neargate_api::model::logs::{LogGroup, MetricFilter};
use neargate_api::types::logs::{DeleteMetricFilterOutput, DeleteMetricFilterRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::group;

pub async fn call(
    ctx: Ctx,
    input: DeleteMetricFilterRequest,
) -> Result<DeleteMetricFilterOutput, AwsError> {
    let group_key = LogGroup::key_of(&ctx.region, &input.log_group_name);
    let key = MetricFilter::key_of(&ctx.region, &input.log_group_name, &input.filter_name);
    ctx.write(move |tx| {
        if !tx.contains::<LogGroup>(&group_key) {
            return Err(group::not_found());
        }
        tx.delete::<MetricFilter>(&key).map(|_| ()).ok_or_else(|| {
            error::resource_not_found_exception("The specified metric filter does not exist.")
        })
    })
    .await?;
    Ok(DeleteMetricFilterOutput {})
}
