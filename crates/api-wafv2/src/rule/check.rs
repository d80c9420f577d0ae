//! What AWS refuses in a rule. Pure, but for the IP sets that must be there.

use std::collections::BTreeSet;

use neargate_api::model::wafv2::IpSet;
use neargate_api::types::wafv2::{BlockAction, Rule, Statement};
use neargate_api::{AwsError, Snapshot};

use super::inner;
use crate::error;

pub fn rules(snapshot: &Snapshot, rules: &[Rule], bodies: &BTreeSet<&str>) -> Result<(), AwsError> {
    let (mut names, mut priorities) = (BTreeSet::new(), BTreeSet::new());
    for rule in rules {
        if !names.insert(&rule.name) {
            return Err(error::duplicate());
        }
        if !priorities.insert(rule.priority) {
            return Err(error::invalid(
                "Two rules have the same priority.",
                "RULE",
                &rule.priority.to_string(),
            ));
        }
        actions(rule, bodies)?;
        statement(snapshot, &rule.statement, true)?;
    }
    Ok(())
}

fn actions(rule: &Rule, bodies: &BTreeSet<&str>) -> Result<(), AwsError> {
    let group = rule.statement.managed_rule_group_statement.is_some()
        || rule.statement.rule_group_reference_statement.is_some();
    if group != rule.override_action.is_some() || group == rule.action.is_some() {
        let reason =
            "You have used none or multiple values for a field that requires exactly one value.";
        return Err(error::invalid(reason, "RULE", &rule.name));
    }
    let Some(action) = &rule.action else { return Ok(()) };
    let given = [
        action.allow.is_some(),
        action.block.is_some(),
        action.captcha.is_some(),
        action.challenge.is_some(),
        action.count.is_some(),
        action.monetize.is_some(),
    ];
    if given.into_iter().filter(|given| *given).count() != 1 {
        let reason =
            "You have used none or multiple values for a field that requires exactly one value.";
        return Err(error::invalid(reason, "RULE_ACTION", &rule.name));
    }
    action.block.as_ref().map_or(Ok(()), |action| block(action, bodies))
}

/// A block's own response must have its body.
pub fn block(action: &BlockAction, bodies: &BTreeSet<&str>) -> Result<(), AwsError> {
    let response = action.custom_response.as_ref();
    match response.and_then(|response| response.custom_response_body_key.as_deref()) {
        Some(key) if !bodies.contains(key) => Err(error::invalid(
            "The referenced custom response body does not exist.",
            "CUSTOM_RESPONSE_BODY_KEY",
            key,
        )),
        _ => Ok(()),
    }
}

fn statement(snapshot: &Snapshot, of: &Statement, top: bool) -> Result<(), AwsError> {
    if kinds(of) != 1 {
        let reason =
            "You have used none or multiple values for a field that requires exactly one value.";
        return Err(error::invalid(reason, "STATEMENT", "Statement"));
    }
    if !top && (of.rate_based_statement.is_some() || of.managed_rule_group_statement.is_some()) {
        return Err(error::invalid(
            "A rate-based or managed rule group statement can't be nested.",
            "STATEMENT",
            "Statement",
        ));
    }
    if let Some(set) = &of.ip_set_reference_statement
        && !snapshot.contains::<IpSet>(&set.arn)
    {
        return Err(error::nonexistent());
    }
    if let Some(regex) = &of.regex_match_statement
        && regex::bytes::Regex::new(&regex.regex_string).is_err()
    {
        let reason = "The regular expression is not valid.";
        return Err(error::invalid(reason, "REGEX_STRING", &regex.regex_string));
    }
    if of.and_statement.as_ref().is_some_and(|and| and.statements.len() < 2)
        || of.or_statement.as_ref().is_some_and(|or| or.statements.len() < 2)
    {
        return Err(error::invalid(
            "A logical rule statement must have at least two statements.",
            "STATEMENT",
            "Statements",
        ));
    }
    inner(of).into_iter().try_for_each(|one| statement(snapshot, one, false))
}

/// How many kinds of statement are in one that may have one only.
fn kinds(of: &Statement) -> usize {
    let given = [
        of.and_statement.is_some(),
        of.asn_match_statement.is_some(),
        of.byte_match_statement.is_some(),
        of.geo_match_statement.is_some(),
        of.ip_set_reference_statement.is_some(),
        of.label_match_statement.is_some(),
        of.managed_rule_group_statement.is_some(),
        of.not_statement.is_some(),
        of.or_statement.is_some(),
        of.rate_based_statement.is_some(),
        of.regex_match_statement.is_some(),
        of.regex_pattern_set_reference_statement.is_some(),
        of.rule_group_reference_statement.is_some(),
        of.size_constraint_statement.is_some(),
        of.sqli_match_statement.is_some(),
        of.xss_match_statement.is_some(),
    ];
    given.into_iter().filter(|given| *given).count()
}
