//! ListRuleNamesByTarget: the rules of a bus that have a target of this ARN.

use neargate_api::model::events::Rule;
use neargate_api::types::events::{ListRuleNamesByTargetRequest, ListRuleNamesByTargetResponse};
use neargate_api::{AwsError, Ctx};

use crate::{bus, pages};

pub async fn call(
    ctx: Ctx,
    input: ListRuleNamesByTargetRequest,
) -> Result<ListRuleNamesByTargetResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let bus = bus::find(&ctx, &snapshot, bus::name_in(&input.event_bus_name))?;
    let names = snapshot
        .scan::<Rule>(&Rule::prefix(&ctx.region, &bus.name))
        .filter(|rule| rule.targets.iter().any(|target| target.arn == input.target_arn))
        .map(|rule| rule.name.clone());
    let page = pages::of(names, Clone::clone, input.next_token.as_deref(), input.limit)?;
    Ok(ListRuleNamesByTargetResponse { next_token: page.next_token, rule_names: Some(page.items) })
}
