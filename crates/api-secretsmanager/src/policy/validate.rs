//! ValidateResourcePolicy: what PutResourcePolicy would say, without putting it.

use neargate_api::types::secretsmanager::{
    ValidateResourcePolicyRequest, ValidateResourcePolicyResponse, ValidationErrorsEntry,
};
use neargate_api::{AwsError, Ctx};

use crate::{policy, secret};

pub async fn call(
    ctx: Ctx,
    input: ValidateResourcePolicyRequest,
) -> Result<ValidateResourcePolicyResponse, AwsError> {
    if let Some(id) = &input.secret_id {
        secret::usable(&ctx, id)?;
    }
    let found = match policy::parse(&input.resource_policy) {
        Err(why) => Some(("SYNTAX_CHECK", why.to_string())),
        Ok(parsed) if policy::is_public(&parsed) => Some((
            "BLOCK_PUBLIC_POLICY_CHECK",
            "The resource policy grants broad access to the secret.".to_owned(),
        )),
        Ok(_) => None,
    };
    let entry = |(check, message): (&str, String)| ValidationErrorsEntry {
        check_name: Some(check.to_owned()),
        error_message: Some(message),
    };
    Ok(ValidateResourcePolicyResponse {
        policy_validation_passed: Some(found.is_none()),
        validation_errors: Some(found.map(entry).into_iter().collect()),
    })
}
