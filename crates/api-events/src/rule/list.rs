//! ListRules: those of one bus.

use neargate_api::model::events::Rule;
use neargate_api::types::events::{self, ListRulesRequest, ListRulesResponse};
use neargate_api::{AwsError, Ctx, Record};

use crate::{bus, pages};

pub async fn call(ctx: Ctx, input: ListRulesRequest) -> Result<ListRulesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let bus = bus::find(&ctx, &snapshot, bus::name_in(&input.event_bus_name))?;
    let prefix = input.name_prefix.unwrap_or_default();
    let rules = snapshot.scan::<Rule>(&Rule::key_of(&ctx.region, &bus.name, &prefix));
    let page = pages::of(rules, |rule| rule.key(), input.next_token.as_deref(), input.limit)?;
    Ok(ListRulesResponse {
        next_token: page.next_token,
        rules: Some(page.items.iter().map(|rule| shown(rule)).collect()),
    })
}

fn shown(rule: &Rule) -> events::Rule {
    events::Rule {
        arn: Some(rule.arn.clone()),
        description: rule.description.clone(),
        event_bus_name: Some(rule.bus.clone()),
        event_pattern: rule.pattern.clone(),
        managed_by: None,
        name: Some(rule.name.clone()),
        role_arn: rule.role_arn.clone(),
        schedule_expression: rule.schedule.clone(),
        state: Some(rule.state.clone()),
    }
}
