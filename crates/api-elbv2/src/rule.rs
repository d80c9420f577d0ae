//! Rules: what their operations share.

pub mod create;
pub mod delete;
pub mod describe;
pub mod modify;
pub mod set_priorities;

use std::sync::Arc;

use neargate_api::model::elbv2::{Listener, Rule, rules_of};
use neargate_api::types::elbv2::{self, RuleTransform, error};
use neargate_api::{AwsError, Snapshot};

use crate::{invalid, refused};

/// The rule of an ARN, which is not a default one.
pub fn find(snapshot: &Snapshot, arn: &str) -> Result<Arc<Rule>, AwsError> {
    snapshot.get::<Rule>(arn).ok_or_else(not_found)
}

pub fn not_found() -> AwsError {
    error::rule_not_found_exception("One or more rules not found")
}

/// The listener whose default rule this is.
pub fn default_of(snapshot: &Snapshot, arn: &str) -> Option<Arc<Listener>> {
    let listener = arn.rsplit_once('/')?.0.replacen(":listener-rule/", ":listener/", 1);
    snapshot.get::<Listener>(&listener).filter(|listener| listener.default_rule_arn == arn)
}

/// As the API shows it.
pub fn shown(rule: &Rule) -> elbv2::Rule {
    elbv2::Rule {
        rule_arn: Some(rule.arn.clone()),
        priority: Some(rule.priority.to_string()),
        conditions: Some(rule.conditions.iter().map(|condition| condition.0.clone()).collect()),
        actions: Some(rule.actions.iter().map(|action| action.0.clone()).collect()),
        is_default: Some(false),
        transforms: None,
    }
}

/// A listener's default rule as the API shows it.
pub fn default_shown(listener: &Listener) -> elbv2::Rule {
    elbv2::Rule {
        rule_arn: Some(listener.default_rule_arn.clone()),
        priority: Some("default".into()),
        conditions: Some(Vec::new()),
        actions: Some(listener.actions.iter().map(|action| action.0.clone()).collect()),
        is_default: Some(true),
        transforms: None,
    }
}

/// A rule's priority.
pub fn priority(given: i32) -> Result<u32, AwsError> {
    match u32::try_from(given) {
        Ok(priority) if (1..=50_000).contains(&priority) => Ok(priority),
        _ => Err(invalid(format!("Priority '{given}' must be between '1-50000' inclusive"))),
    }
}

/// Refuses a priority that another rule of the listener has.
pub fn check_priority_free(
    snapshot: &Snapshot,
    listener_arn: &str,
    priority: u32,
) -> Result<(), AwsError> {
    match rules_of(snapshot, listener_arn).iter().any(|rule| rule.priority == priority) {
        true => Err(error::priority_in_use_exception(format!(
            "Priority '{priority}' is currently in use"
        ))),
        false => Ok(()),
    }
}

/// Refuses transforms, which would change what targets get.
pub fn refuse_transforms(given: Option<Vec<RuleTransform>>) -> Result<(), AwsError> {
    match given.is_some_and(|transforms| !transforms.is_empty()) {
        true => Err(refused(
            "Neargate's rules do not rewrite host headers and URLs yet: Transforms cannot be set.",
        )),
        false => Ok(()),
    }
}
