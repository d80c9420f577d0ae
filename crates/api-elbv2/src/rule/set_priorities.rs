//! SetRulePriorities: several rules of one listener at once, so that two can
//! exchange their places.

use std::collections::BTreeMap;

use neargate_api::model::elbv2::{Rule, rules_of};
use neargate_api::types::elbv2::{SetRulePrioritiesInput, SetRulePrioritiesOutput, error};
use neargate_api::{AwsError, Ctx, Tx};

use crate::{invalid, rule};

pub async fn call(
    ctx: Ctx,
    input: SetRulePrioritiesInput,
) -> Result<SetRulePrioritiesOutput, AwsError> {
    let mut wanted = BTreeMap::new();
    for pair in input.rule_priorities {
        let arn = pair.rule_arn.ok_or_else(|| invalid("A rule ARN must be specified"))?;
        let number = pair.priority.ok_or_else(|| invalid("A priority must be specified"))?;
        if wanted.insert(arn.clone(), rule::priority(number)?).is_some() {
            return Err(invalid(format!("Rule '{arn}' was provided multiple times")));
        }
    }
    let changed = ctx.write(move |tx| set(tx, &wanted)).await?;
    Ok(SetRulePrioritiesOutput { rules: Some(changed.iter().map(rule::shown).collect()) })
}

fn set(tx: &mut Tx, wanted: &BTreeMap<String, u32>) -> Result<Vec<Rule>, AwsError> {
    let mut changed = Vec::new();
    for (arn, priority) in wanted {
        if rule::default_of(tx, arn).is_some() {
            return Err(error::operation_not_permitted_exception(format!(
                "Priority of default rule '{arn}' cannot be modified"
            )));
        }
        let mut rule = Rule::clone(&*rule::find(tx, arn)?);
        rule.priority = *priority;
        changed.push(rule);
    }
    for rule in &changed {
        tx.put(rule.clone());
    }
    for rule in &changed {
        let all = rules_of(tx, &rule.listener_arn);
        if all.iter().filter(|other| other.priority == rule.priority).count() > 1 {
            return Err(error::priority_in_use_exception(format!(
                "Priority '{}' is currently in use",
                rule.priority
            )));
        }
    }
    Ok(changed)
}
