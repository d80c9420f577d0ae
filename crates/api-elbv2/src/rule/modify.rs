//! ModifyRule: conditions, actions or both are replaced as a whole. The default
//! rule's actions are changed by ModifyListener, as on AWS.

use neargate_api::model::elbv2::Rule;
use neargate_api::types::elbv2::{ModifyRuleInput, ModifyRuleOutput, error};
use neargate_api::{AwsError, Ctx};

use crate::{action, condition, invalid, listener, load_balancer, rule};

pub async fn call(ctx: Ctx, input: ModifyRuleInput) -> Result<ModifyRuleOutput, AwsError> {
    rule::refuse_transforms(input.transforms)?;
    let conditions = match input.conditions.filter(|conditions| !conditions.is_empty()) {
        Some(conditions) => Some(condition::read(conditions)?),
        None => None,
    };
    let actions = match input.actions.filter(|actions| !actions.is_empty()) {
        Some(actions) => Some(action::read(actions)?),
        None => None,
    };
    if conditions.is_none() && actions.is_none() {
        return Err(invalid("Either conditions or actions must be specified"));
    }
    let arn = input.rule_arn;
    let changed = ctx
        .write(move |tx| {
            if rule::default_of(tx, &arn).is_some() {
                return Err(error::operation_not_permitted_exception(format!(
                    "Default rule '{arn}' cannot be modified"
                )));
            }
            let mut changed = Rule::clone(&*rule::find(tx, &arn)?);
            if let Some(conditions) = conditions {
                changed.conditions = conditions;
            }
            if let Some(actions) = actions {
                changed.actions = actions;
            }
            let listener = listener::find(tx, &changed.listener_arn)?;
            let balancer = load_balancer::find(tx, &listener.load_balancer_arn)?;
            action::check(tx, &balancer, &listener.protocol, &changed.actions)?;
            tx.put(changed.clone());
            Ok(changed)
        })
        .await?;
    Ok(ModifyRuleOutput { rules: Some(vec![rule::shown(&changed)]) })
}
