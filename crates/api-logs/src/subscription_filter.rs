//! Subscription filters: a group has none, because PutSubscriptionFilter is
//! refused. Terraform and the console ask all the same.

use neargate_api::types::logs::{
    DescribeSubscriptionFiltersRequest, DescribeSubscriptionFiltersResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::group;

pub async fn describe(
    ctx: Ctx,
    input: DescribeSubscriptionFiltersRequest,
) -> Result<DescribeSubscriptionFiltersResponse, AwsError> {
    group::find(&ctx, &ctx.snapshot(), &input.log_group_name)?;
    Ok(DescribeSubscriptionFiltersResponse {
        subscription_filters: Some(Vec::new()),
        next_token: None,
    })
}
