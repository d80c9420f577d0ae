//! Values, sealed and opened. A SecureString asks its KMS key too: it must be there and
//! enabled, and the caller must be allowed to use it.

use std::collections::BTreeMap;

use neargate_api::model::ssm::{Parameter, ParameterVersion};
use neargate_api::types::ssm::error;
use neargate_api::{AwsError, Ctx, Sealed};
use neargate_api_kms::access::{Unusable, Use, lend};

/// The key of a SecureString that names none.
pub const MANAGED_KEY: &str = "alias/aws/ssm";

pub fn seal(ctx: &Ctx, arn: &str, number: i64, value: &str) -> Sealed {
    ctx.vault().seal(&Parameter::label(arn, number), value.as_bytes())
}

pub fn open(ctx: &Ctx, arn: &str, version: &ParameterVersion) -> Result<String, AwsError> {
    let opened = ctx.vault().unseal(&Parameter::label(arn, version.number), &version.value).ok();
    opened.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        error::internal_server_error("The parameter cannot be opened with this instance's key.")
    })
}

/// Whether the caller can encrypt (`kms:Encrypt`) or decrypt (`kms:Decrypt`) with a key.
pub fn check_key(ctx: &Ctx, key_id: &str, arn: &str, action: &str) -> Result<(), AwsError> {
    if key_id.ends_with(MANAGED_KEY) {
        return Ok(());
    }
    let context = BTreeMap::from([("PARAMETER_ARN".to_owned(), arn.to_owned())]);
    match lend(ctx, key_id, &Use { action, context: &context, via: Some("ssm") }) {
        Ok(_) => Ok(()),
        Err(Unusable::Denied(denied)) => Err(denied),
        Err(Unusable::Unavailable(why)) => Err(error::invalid_key_id(why.message)),
    }
}
