//! EnableRule and DisableRule. A schedule begins anew when it is enabled.

use neargate_api::model::events::Rule;
use neargate_api::types::events::{
    DisableRuleOutput, DisableRuleRequest, EnableRuleOutput, EnableRuleRequest,
};
use neargate_api::{AwsError, Ctx};

use super::find;
use crate::bus;

pub async fn enable(ctx: Ctx, input: EnableRuleRequest) -> Result<EnableRuleOutput, AwsError> {
    set(ctx, input.event_bus_name, input.name, true).await?;
    Ok(EnableRuleOutput {})
}

pub async fn disable(ctx: Ctx, input: DisableRuleRequest) -> Result<DisableRuleOutput, AwsError> {
    set(ctx, input.event_bus_name, input.name, false).await?;
    Ok(DisableRuleOutput {})
}

async fn set(ctx: Ctx, bus: Option<String>, name: String, enabled: bool) -> Result<(), AwsError> {
    let of_tx = ctx.clone();
    ctx.write(move |tx| {
        let mut rule = Rule::clone(&*find(&of_tx, tx.view(), bus::name_in(&bus), &name)?);
        if rule.is_enabled() != enabled {
            rule.state = if enabled { "ENABLED" } else { "DISABLED" }.into();
            rule.scheduled_from = of_tx.now;
            tx.put(rule);
        }
        Ok(())
    })
    .await
}
