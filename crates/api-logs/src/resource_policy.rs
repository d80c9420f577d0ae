//! Resource policies, of the region (by name) or of a group (by its ARN): kept,
//! shown and told as inert.

pub mod delete;
pub mod describe;
pub mod put;

use neargate_api::AwsError;
use neargate_api::model::logs::ResourcePolicy;
use neargate_api::types::logs::{self, error};

fn shown(policy: &ResourcePolicy) -> logs::ResourcePolicy {
    let scope = if policy.resource_arn.is_some() { "RESOURCE" } else { "ACCOUNT" };
    logs::ResourcePolicy {
        last_updated_time: Some(policy.updated_ms),
        policy_document: Some(policy.document.clone()),
        policy_name: policy.name.clone(),
        policy_scope: Some(scope.into()),
        resource_arn: policy.resource_arn.clone(),
        revision_id: policy.revision_id.clone(),
    }
}

/// What tells the policy: its name, or the ARN of its group.
fn identity(name: &Option<String>, resource_arn: &Option<String>) -> Result<String, AwsError> {
    match (name, resource_arn) {
        (Some(name), None) => Ok(name.clone()),
        (None, Some(arn)) => Ok(arn.strip_suffix(":*").unwrap_or(arn).to_owned()),
        _ => Err(error::invalid_parameter_exception(
            "Exactly one of policyName and resourceArn must be specified.",
        )),
    }
}

/// The error for a revision that is not the expected one.
fn conflict() -> AwsError {
    error::operation_aborted_exception(
        "The expectedRevisionId is not the policy's revision: read it again with \
         DescribeResourcePolicies.",
    )
}
