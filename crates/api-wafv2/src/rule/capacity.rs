//! CheckCapacity, and what rules cost in web ACL capacity units. Pure. Source: "Rule statements
//! list" and "AWS Managed Rules rule groups list" in the WAF developer guide.

use std::collections::BTreeSet;

use neargate_api::types::wafv2::{
    CheckCapacityRequest, CheckCapacityResponse, Rule, Statement, TextTransformation, error,
};
use neargate_api::{AwsError, Ctx};

use super::{check as sound, inner};

/// Units of one web ACL.
const LIMIT: i64 = 5000;

/// AWS's own groups.
const MANAGED: [(&str, i64); 11] = [
    ("AWSManagedRulesCommonRuleSet", 700),
    ("AWSManagedRulesAdminProtectionRuleSet", 100),
    ("AWSManagedRulesKnownBadInputsRuleSet", 200),
    ("AWSManagedRulesSQLiRuleSet", 200),
    ("AWSManagedRulesLinuxRuleSet", 200),
    ("AWSManagedRulesUnixRuleSet", 100),
    ("AWSManagedRulesWindowsRuleSet", 200),
    ("AWSManagedRulesPHPRuleSet", 100),
    ("AWSManagedRulesWordPressRuleSet", 100),
    ("AWSManagedRulesAmazonIpReputationList", 25),
    ("AWSManagedRulesAnonymousIpList", 50),
];

pub async fn call(
    ctx: Ctx,
    input: CheckCapacityRequest,
) -> Result<CheckCapacityResponse, AwsError> {
    sound::rules(&ctx.snapshot(), &input.rules, &BTreeSet::new())?;
    let capacity = of_rules(&input.rules);
    check(capacity)?;
    Ok(CheckCapacityResponse { capacity: Some(capacity) })
}

pub fn check(capacity: i64) -> Result<(), AwsError> {
    match capacity > LIMIT {
        true => Err(error::waf_limits_exceeded_exception(format!(
            "AWS WAF couldn’t perform the operation because you exceeded your resource limit: \
             {capacity} capacity units, where {LIMIT} is the maximum."
        ))),
        false => Ok(()),
    }
}

pub fn of_rules(rules: &[Rule]) -> i64 {
    rules.iter().map(|rule| of(&rule.statement)).sum()
}

fn of(statement: &Statement) -> i64 {
    let nested: i64 = inner(statement).into_iter().map(of).sum();
    nested + own(statement)
}

fn own(of: &Statement) -> i64 {
    if let Some(bytes) = &of.byte_match_statement {
        let contains = bytes.positional_constraint.starts_with("CONTAINS");
        return if contains { 10 } else { 2 } + changes(&bytes.text_transformations);
    }
    if let Some(regex) = &of.regex_match_statement {
        return 3 + changes(&regex.text_transformations);
    }
    if let Some(size) = &of.size_constraint_statement {
        return 1 + changes(&size.text_transformations);
    }
    if let Some(sqli) = &of.sqli_match_statement {
        let high = sqli.sensitivity_level.as_deref() == Some("HIGH");
        return if high { 30 } else { 20 } + changes(&sqli.text_transformations);
    }
    if let Some(xss) = &of.xss_match_statement {
        return 40 + changes(&xss.text_transformations);
    }
    if let Some(set) = &of.regex_pattern_set_reference_statement {
        return 25 + changes(&set.text_transformations);
    }
    if let Some(group) = &of.managed_rule_group_statement {
        let known = MANAGED.iter().find(|(name, _)| *name == group.name);
        return known.map_or(50, |(_, capacity)| *capacity);
    }
    if let Some(rate) = &of.rate_based_statement {
        return 2 + 30 * rate.custom_keys.as_ref().map_or(0, Vec::len) as i64;
    }
    if let Some(set) = &of.ip_set_reference_statement {
        let any = set.ip_set_forwarded_ip_config.as_ref().is_some_and(|c| c.position == "ANY");
        return if any { 5 } else { 1 };
    }
    let one = of.geo_match_statement.is_some()
        || of.label_match_statement.is_some()
        || of.asn_match_statement.is_some();
    i64::from(one)
}

/// Each transformation but none costs ten.
fn changes(transformations: &[TextTransformation]) -> i64 {
    10 * transformations.iter().filter(|one| one.r#type != "NONE").count() as i64
}
