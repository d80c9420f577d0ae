//! PutRule: a new rule, or another definition of the one that is there. Its
//! targets and tags stay.

use neargate_api::model::events::{DEFAULT_BUS, Rule};
use neargate_api::types::events::{PutRuleRequest, PutRuleResponse, error};
use neargate_api::{AwsError, Ctx};
use neargate_rules::{Pattern, Schedule};

use super::resource;
use crate::{bus, invalid, limit_exceeded, role, tags};

/// Rules of a bus.
const LIMIT: usize = 300;

pub async fn call(ctx: Ctx, input: PutRuleRequest) -> Result<PutRuleResponse, AwsError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let bus_name = bus::name_in(&input.event_bus_name).to_owned();
    let (pattern, schedule) = (given(input.event_pattern), given(input.schedule_expression));
    check(pattern.as_deref(), schedule.as_deref(), &bus_name)?;
    let role_arn = given(input.role_arn);
    if let Some(role_arn) = &role_arn {
        role::check(&ctx, role_arn)?;
    }
    let rule = Rule {
        region: ctx.region.clone(),
        arn: resource(&ctx, &input.event_bus_name, &input.name),
        bus: bus_name,
        name: input.name,
        description: given(input.description),
        pattern,
        schedule,
        state: input.state.unwrap_or_else(|| "ENABLED".into()),
        role_arn,
        targets: Vec::new(),
        scheduled_from: ctx.now,
        tags: tags::read(input.tags)?,
    };
    let arn = rule.arn.clone();
    let of_tx = ctx.clone();
    ctx.write(move |tx| {
        bus::find(&of_tx, tx.view(), &rule.bus)?;
        let key = Rule::key_of(&rule.region, &rule.bus, &rule.name);
        let Some(old) = tx.get::<Rule>(&key) else {
            if tx.scan::<Rule>(&Rule::prefix(&rule.region, &rule.bus)).count() >= LIMIT {
                return Err(limit_exceeded());
            }
            tx.put(rule);
            return Ok(());
        };
        let goes_on = old.schedule == rule.schedule && old.is_enabled() == rule.is_enabled();
        tx.put(Rule {
            targets: old.targets.clone(),
            tags: old.tags.clone(),
            scheduled_from: if goes_on { old.scheduled_from } else { rule.scheduled_from },
            ..rule
        });
        Ok(())
    })
    .await?;
    Ok(PutRuleResponse { rule_arn: Some(arn) })
}

fn check(pattern: Option<&str>, schedule: Option<&str>, bus: &str) -> Result<(), AwsError> {
    if pattern.is_none() && schedule.is_none() {
        return Err(invalid("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if let Some(pattern) = pattern {
        Pattern::parse(pattern)
            .map_err(|why| error::invalid_event_pattern_exception(why.to_string()))?;
    }
    let Some(schedule) = schedule else { return Ok(()) };
    if bus != DEFAULT_BUS {
        return Err(invalid("ScheduleExpression is supported only on the default event bus."));
    }
    match Schedule::parse(schedule) {
        Some(Schedule::Rate { .. } | Schedule::Cron(_)) => Ok(()),
        Some(Schedule::At(_)) | None => Err(invalid("Parameter ScheduleExpression is not valid.")),
    }
}
