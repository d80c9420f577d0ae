//! AssociateKmsKey and DisassociateKmsKey. The association is shown back, and
//! told as inert: lines are not encrypted.

use neargate_api::types::logs::{
    AssociateKmsKeyOutput, AssociateKmsKeyRequest, DisassociateKmsKeyOutput,
    DisassociateKmsKeyRequest, error,
};
use neargate_api::{AwsError, Ctx};

use crate::group;

/// A key is told by its ARN, never by its id or an alias.
pub fn check(key: &str) -> Result<(), AwsError> {
    if key.starts_with("arn:") && key.contains(":kms:") && key.contains(":key/") {
        return Ok(());
    }
    Err(error::invalid_parameter_exception(
        "The specified KMS key ID is invalid: use the ARN of a key (arn:aws:kms:…:key/…).",
    ))
}

pub async fn associate(
    ctx: Ctx,
    input: AssociateKmsKeyRequest,
) -> Result<AssociateKmsKeyOutput, AwsError> {
    check(&input.kms_key_id)?;
    let name = named(input.log_group_name, input.resource_identifier)?;
    group::change(&ctx, &name, move |group| group.kms_key_id = Some(input.kms_key_id)).await?;
    Ok(AssociateKmsKeyOutput {})
}

pub async fn disassociate(
    ctx: Ctx,
    input: DisassociateKmsKeyRequest,
) -> Result<DisassociateKmsKeyOutput, AwsError> {
    let name = named(input.log_group_name, input.resource_identifier)?;
    group::change(&ctx, &name, move |group| group.kms_key_id = None).await?;
    Ok(DisassociateKmsKeyOutput {})
}

/// Query results are the other resource with a key, and there are no queries.
fn named(name: Option<String>, identifier: Option<String>) -> Result<String, AwsError> {
    if identifier.as_ref().is_some_and(|identifier| identifier.contains(":query-result:")) {
        return Err(error::invalid_parameter_exception(
            "Neargate has no query results to encrypt: name a log group.",
        ));
    }
    group::named(name, identifier)
}
