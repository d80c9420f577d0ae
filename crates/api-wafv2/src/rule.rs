//! Rules of web ACLs: whether they are sound, and what they cost. Pure.

pub mod capacity;
pub mod check;

use neargate_api::types::wafv2::Statement;

/// The statements right inside of one.
pub fn inner(statement: &Statement) -> Vec<&Statement> {
    let mut all: Vec<&Statement> = Vec::new();
    all.extend(statement.and_statement.iter().flat_map(|and| &and.statements));
    all.extend(statement.or_statement.iter().flat_map(|or| &or.statements));
    all.extend(statement.not_statement.iter().map(|not| &*not.statement));
    let rate = statement.rate_based_statement.as_ref();
    all.extend(rate.and_then(|rate| rate.scope_down_statement.as_deref()));
    let managed = statement.managed_rule_group_statement.as_ref();
    all.extend(managed.and_then(|group| group.scope_down_statement.as_deref()));
    all
}

/// Whether a statement, or one inside of it, refers to the IP set of this ARN.
pub fn refers_to(statement: &Statement, arn: &str) -> bool {
    statement.ip_set_reference_statement.as_ref().is_some_and(|set| set.arn == arn)
        || inner(statement).into_iter().any(|one| refers_to(one, arn))
}
