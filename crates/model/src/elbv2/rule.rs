//! A rule of a listener: conditions, and what is done when all of them hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_api_types::elbv2;
use neargate_store::{Record, Snapshot};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use super::Listener;
use crate::Tags;

/// A rule that is not the default, which is its listener's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// `arn:…:listener-rule/app/<name>/<load balancer's id>/<listener's id>/<16 digits>`
    pub arn: String,
    pub listener_arn: String,
    /// 1 to 50000, unique in its listener; the lowest is tried first.
    pub priority: u32,
    pub conditions: Vec<Stored<elbv2::RuleCondition>>,
    pub actions: Vec<Stored<elbv2::Action>>,
    pub tags: Tags,
}

impl Record for Rule {
    const TABLE: &'static str = "elbv2-rules";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// The rules of a listener in the order of their priorities, without the default.
pub fn rules_of(snapshot: &Snapshot, listener_arn: &str) -> Vec<Arc<Rule>> {
    let mut rules: Vec<_> = snapshot.scan::<Rule>(&Listener::rule_prefix(listener_arn)).collect();
    rules.sort_by_key(|rule| rule.priority);
    rules
}

/// The ARNs of the target groups that actions forward to.
pub fn forwards_to(actions: &[Stored<elbv2::Action>]) -> BTreeSet<&str> {
    let grouped = actions
        .iter()
        .filter_map(|action| action.forward_config.as_ref())
        .flat_map(|forward| forward.target_groups.iter().flatten())
        .filter_map(|group| group.target_group_arn.as_deref());
    actions.iter().filter_map(|action| action.target_group_arn.as_deref()).chain(grouped).collect()
}
