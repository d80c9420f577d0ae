//! CreateRule: conditions and an action at a free priority of a listener.

use neargate_api::model::elbv2::{Listener, Rule, listeners_of, rules_of};
use neargate_api::types::elbv2::{CreateRuleInput, CreateRuleOutput, error};
use neargate_api::{AwsError, Ctx, Tx};

use crate::account_limit::RULES_PER_LOAD_BALANCER;
use crate::{action, condition, listener, load_balancer, rule, tags};

pub async fn call(ctx: Ctx, input: CreateRuleInput) -> Result<CreateRuleOutput, AwsError> {
    rule::refuse_transforms(input.transforms)?;
    let wanted = Rule {
        arn: format!("{}{}", Listener::rule_prefix(&input.listener_arn), ctx.rng().hex(16)),
        listener_arn: input.listener_arn,
        priority: rule::priority(input.priority)?,
        conditions: condition::read(input.conditions)?,
        actions: action::read(input.actions)?,
        tags: tags::read(input.tags)?,
    };
    let made = ctx.write(move |tx| make(tx, wanted)).await?;
    Ok(CreateRuleOutput { rules: Some(vec![rule::shown(&made)]) })
}

fn make(tx: &mut Tx, wanted: Rule) -> Result<Rule, AwsError> {
    let listener = listener::find(tx, &wanted.listener_arn)?;
    let balancer = load_balancer::find(tx, &listener.load_balancer_arn)?;
    rule::check_priority_free(tx, &listener.arn, wanted.priority)?;
    let count: usize =
        listeners_of(tx, &balancer.arn).map(|listener| rules_of(tx, &listener.arn).len()).sum();
    if count >= RULES_PER_LOAD_BALANCER {
        return Err(error::too_many_rules_exception(format!(
            "The maximum number of rules of a load balancer is '{RULES_PER_LOAD_BALANCER}'"
        )));
    }
    action::check(tx, &balancer, &listener.protocol, &wanted.actions)?;
    tx.put(wanted.clone());
    Ok(wanted)
}
