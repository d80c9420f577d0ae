//! Conditions of rules: what AWS takes, and how it shows them back.
//!
//! Source: "Condition types for listener rules" and "Quotas for your
//! Application Load Balancers".

use neargate_api::types::elbv2::{
    HostHeaderConditionConfig, PathPatternConditionConfig, RuleCondition, error,
};
use neargate_api::{AwsError, Stored};

use crate::account_limit::{CONDITION_VALUES_PER_RULE, CONDITION_WILDCARDS_PER_RULE};
use crate::{invalid, refused};

const FIELDS: [&str; 6] = [
    "path-pattern",
    "host-header",
    "http-header",
    "http-request-method",
    "query-string",
    "source-ip",
];

/// Fields of which a rule has one condition at most.
const ONCE: [&str; 4] = ["path-pattern", "host-header", "http-request-method", "source-ip"];

/// `given` as it is kept and shown: checked, and with what AWS fills in.
pub fn read(given: Vec<RuleCondition>) -> Result<Vec<Stored<RuleCondition>>, AwsError> {
    if given.is_empty() {
        return Err(invalid("A condition must be specified"));
    }
    let (mut kept, mut count, mut wildcards) = (Vec::new(), 0, 0);
    for condition in given {
        let field = condition.field.clone().unwrap_or_default();
        if !FIELDS.contains(&field.as_str()) {
            return Err(invalid(format!(
                "Condition field '{field}' must be one of '[{}]'",
                FIELDS.join(",")
            )));
        }
        let earlier = |kept: &[Stored<RuleCondition>]| {
            kept.iter().any(|known| known.field.as_deref() == Some(field.as_str()))
        };
        if ONCE.contains(&field.as_str()) && earlier(&kept) {
            return Err(invalid(format!(
                "The rule cannot have more than one condition of the type '{field}'"
            )));
        }
        let condition = complete(&field, condition)?;
        let values = values(&condition);
        count += values.len();
        wildcards += values.iter().map(|v| v.matches(['*', '?']).count()).sum::<usize>();
        kept.push(Stored(condition));
    }
    if count > CONDITION_VALUES_PER_RULE {
        return Err(error::too_many_rules_exception(format!(
            "A rule can have at most '{CONDITION_VALUES_PER_RULE}' condition values"
        )));
    }
    if wildcards > CONDITION_WILDCARDS_PER_RULE {
        return Err(error::too_many_rules_exception(format!(
            "A rule can have at most '{CONDITION_WILDCARDS_PER_RULE}' wildcards"
        )));
    }
    Ok(kept)
}

fn complete(field: &str, mut condition: RuleCondition) -> Result<RuleCondition, AwsError> {
    refuse_regex(&condition)?;
    let plain = condition.values.take().filter(|values| !values.is_empty());
    match field {
        "path-pattern" => {
            let config = condition.path_pattern_config.take().and_then(|c| c.values);
            let values = one_of_two(field, plain, config)?;
            condition.values = Some(values.clone());
            condition.path_pattern_config =
                Some(PathPatternConditionConfig { values: Some(values), regex_values: None });
        }
        "host-header" => {
            let config = condition.host_header_config.take().and_then(|c| c.values);
            let values = one_of_two(field, plain, config)?;
            condition.values = Some(values.clone());
            condition.host_header_config =
                Some(HostHeaderConditionConfig { values: Some(values), regex_values: None });
        }
        other if plain.is_some() => {
            return Err(invalid(format!("The 'Values' field is not compatible with '{other}'")));
        }
        _ => {}
    }
    check(field, &condition)?;
    Ok(condition)
}

fn refuse_regex(condition: &RuleCondition) -> Result<(), AwsError> {
    let some = |values: &Option<Vec<String>>| values.as_ref().is_some_and(|v| !v.is_empty());
    let regex = some(&condition.regex_values)
        || condition.path_pattern_config.as_ref().is_some_and(|c| some(&c.regex_values))
        || condition.host_header_config.as_ref().is_some_and(|c| some(&c.regex_values))
        || condition.http_header_config.as_ref().is_some_and(|c| some(&c.regex_values));
    match regex {
        true => Err(refused(
            "Neargate's rules match by wildcards, not yet by regular expressions: use Values instead of RegexValues.",
        )),
        false => Ok(()),
    }
}

fn one_of_two(
    field: &str,
    plain: Option<Vec<String>>,
    config: Option<Vec<String>>,
) -> Result<Vec<String>, AwsError> {
    match (plain, config) {
        // What is shown back has both; giving that back is allowed.
        (Some(plain), Some(config)) if plain == config => Ok(plain),
        (Some(_), Some(_)) => Err(invalid(format!(
            "You cannot provide both Values and a configuration for a condition of type '{field}'"
        ))),
        (Some(values), None) if values.len() > 1 => {
            Err(invalid(format!("The '{field}' field contains too many values; the limit is '1'")))
        }
        (Some(values), None) | (None, Some(values)) => Ok(values),
        (None, None) => Err(invalid("A condition value must be specified")),
    }
}

/// All values of a condition, of whatever type.
fn values(condition: &RuleCondition) -> Vec<String> {
    let lists = [
        condition.path_pattern_config.as_ref().and_then(|c| c.values.clone()),
        condition.host_header_config.as_ref().and_then(|c| c.values.clone()),
        condition.http_header_config.as_ref().and_then(|c| c.values.clone()),
        condition.http_request_method_config.as_ref().and_then(|c| c.values.clone()),
        condition.source_ip_config.as_ref().and_then(|c| c.values.clone()),
    ];
    let pairs = condition.query_string_config.iter().flat_map(|c| c.values.iter().flatten());
    let pairs = pairs.map(|pair| {
        format!(
            "{}{}",
            pair.key.as_deref().unwrap_or_default(),
            pair.value.as_deref().unwrap_or_default()
        )
    });
    lists.into_iter().flatten().flatten().chain(pairs).collect()
}

fn check(field: &str, condition: &RuleCondition) -> Result<(), AwsError> {
    let config = match field {
        "http-header" => condition.http_header_config.is_some(),
        "http-request-method" => condition.http_request_method_config.is_some(),
        "query-string" => condition.query_string_config.is_some(),
        "source-ip" => condition.source_ip_config.is_some(),
        _ => true,
    };
    let values = values(condition);
    if !config || values.is_empty() {
        return Err(invalid(format!("A condition value must be specified for '{field}'")));
    }
    for value in &values {
        let (too_long, limit) = match field {
            "http-request-method" => (value.len() > 40, 40),
            "query-string" => (value.len() > 256, 256),
            _ => (value.len() > 128, 128),
        };
        if value.is_empty() || too_long {
            return Err(invalid(format!(
                "The '{field}' value '{value}' must have 1 to {limit} characters"
            )));
        }
        check_characters(field, value)?;
    }
    let header = condition.http_header_config.as_ref();
    let name = header.map(|c| c.http_header_name.as_deref().unwrap_or_default());
    match name {
        Some(name) if name.is_empty() || name.len() > 40 => {
            Err(invalid(format!("The HttpHeaderName '{name}' must have 1 to 40 characters")))
        }
        Some(name) if name.eq_ignore_ascii_case("host") => Err(invalid(
            "The HttpHeaderName 'Host' is not supported: use a condition of type 'host-header'",
        )),
        _ => Ok(()),
    }
}

fn check_characters(field: &str, value: &str) -> Result<(), AwsError> {
    let alphanumeric_or =
        |others: &str| value.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c));
    let good = match field {
        "host-header" => alphanumeric_or("-.*?") && value.contains('.'),
        "path-pattern" => alphanumeric_or("_-.$/~\"'@:+&*?"),
        "http-request-method" => {
            value.chars().all(|c| c.is_ascii_uppercase() || c == '-' || c == '_')
        }
        "source-ip" => is_block(value),
        _ => true,
    };
    match good {
        true => Ok(()),
        false => Err(invalid(format!("The '{field}' value '{value}' is not valid"))),
    }
}

fn is_block(value: &str) -> bool {
    let Some((address, length)) = value.split_once('/') else { return false };
    let Ok(length) = length.parse::<u8>() else { return false };
    match address.parse() {
        Ok(std::net::IpAddr::V4(_)) => length <= 32,
        Ok(std::net::IpAddr::V6(_)) => length <= 128,
        Err(_) => false,
    }
}
