//! DescribeRule.

use neargate_api::types::events::{DescribeRuleRequest, DescribeRuleResponse};
use neargate_api::{AwsError, Ctx};

use super::find;
use crate::bus;

pub async fn call(ctx: Ctx, input: DescribeRuleRequest) -> Result<DescribeRuleResponse, AwsError> {
    let rule = find(&ctx, &ctx.snapshot(), bus::name_in(&input.event_bus_name), &input.name)?;
    Ok(DescribeRuleResponse {
        arn: Some(rule.arn.clone()),
        created_by: Some(ctx.account().to_owned()),
        description: rule.description.clone(),
        event_bus_name: Some(rule.bus.clone()),
        event_pattern: rule.pattern.clone(),
        managed_by: None,
        name: Some(rule.name.clone()),
        role_arn: rule.role_arn.clone(),
        schedule_expression: rule.schedule.clone(),
        state: Some(rule.state.clone()),
    })
}
