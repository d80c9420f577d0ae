//! WAFv2's errors in its own words.

use neargate_api::AwsError;
use neargate_api::types::wafv2::error;

pub fn nonexistent() -> AwsError {
    error::waf_nonexistent_item_exception(
        "AWS WAF couldn’t perform the operation because your resource doesn’t exist.",
    )
}

pub fn changed_since() -> AwsError {
    error::waf_optimistic_lock_exception(
        "AWS WAF couldn’t save your changes because someone changed the resource after you \
         started to edit it. Reapply your changes.",
    )
}

pub fn associated() -> AwsError {
    error::waf_associated_item_exception(
        "AWS WAF couldn’t perform the operation because your resource is being used by another \
         resource or it’s associated with another resource.",
    )
}

pub fn duplicate() -> AwsError {
    error::waf_duplicate_item_exception(
        "AWS WAF couldn’t perform the operation because some resource in your request is a \
         duplicate of an existing one.",
    )
}

/// Why, in which field, by which value.
pub fn invalid(reason: &str, field: &str, parameter: &str) -> AwsError {
    error::waf_invalid_parameter_exception(format!(
        "Error reason: {reason}, field: {field}, parameter: {parameter}"
    ))
    .with("Reason", reason)
    .with("Field", field)
    .with("Parameter", parameter)
}
