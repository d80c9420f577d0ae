//! ListTargetsByRule.

use neargate_api::types::events::{ListTargetsByRuleRequest, ListTargetsByRuleResponse, Target};
use neargate_api::{AwsError, Ctx};

use crate::{bus, pages, rule};

pub async fn call(
    ctx: Ctx,
    input: ListTargetsByRuleRequest,
) -> Result<ListTargetsByRuleResponse, AwsError> {
    let bus = bus::name_in(&input.event_bus_name);
    let rule = rule::find(&ctx, &ctx.snapshot(), bus, &input.rule)?;
    let mut targets: Vec<Target> = rule.targets.iter().map(|target| target.0.clone()).collect();
    targets.sort_by(|a, b| a.id.cmp(&b.id));
    let token = input.next_token.as_deref();
    let page = pages::of(targets, |target| target.id.clone(), token, input.limit)?;
    Ok(ListTargetsByRuleResponse { next_token: page.next_token, targets: Some(page.items) })
}
