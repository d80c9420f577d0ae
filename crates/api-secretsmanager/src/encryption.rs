//! Values, sealed and opened. With a customer's KMS key, that key must be there and
//! enabled, and the caller must be allowed to use it, as when AWS calls KMS in the
//! caller's name.

use neargate_api::model::kms::{self, Key, State};
use neargate_api::model::secretsmanager::{Secret, Value, Version};
use neargate_api::types::secretsmanager::error;
use neargate_api::{AwsError, Blob, Ctx, Question};

const MANAGED_KEY: &str = "alias/aws/secretsmanager";

/// A value in the clear, on its way in or out.
#[derive(PartialEq, Eq)]
pub enum Plain {
    Text(String),
    Binary(Vec<u8>),
}

impl Plain {
    /// Of a request's two members, of which at most one is there; empty ones are not.
    pub fn given(text: Option<String>, binary: Option<Blob>) -> Result<Option<Plain>, AwsError> {
        let text = text.filter(|text| !text.is_empty());
        let binary = binary.filter(|binary| !binary.0.is_empty());
        match (text, binary) {
            (Some(_), Some(_)) => Err(error::invalid_parameter_exception(
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            )),
            (Some(text), None) => Ok(Some(Plain::Text(text))),
            (None, Some(binary)) => Ok(Some(Plain::Binary(binary.0))),
            (None, None) => Ok(None),
        }
    }

    /// As the two members of an answer.
    pub fn shown(self) -> (Option<String>, Option<Blob>) {
        match self {
            Plain::Text(text) => (Some(text), None),
            Plain::Binary(bytes) => (None, Some(Blob(bytes))),
        }
    }
}

/// Seals the value of a version that is about to be made.
pub fn seal(
    ctx: &Ctx,
    kms_key_id: Option<&str>,
    arn: &str,
    version_id: &str,
    plain: &Plain,
) -> Result<Value, AwsError> {
    check_key(ctx, kms_key_id, arn, "kms:GenerateDataKey", || {
        error::encryption_failure(
            "Secrets Manager can't encrypt the protected secret text using the provided KMS key. \
             Check that the KMS key is available, enabled, and not in an invalid state.",
        )
    })?;
    let label = Secret::label(arn, version_id);
    Ok(match plain {
        Plain::Text(text) => Value::Text(ctx.vault().seal(&label, text.as_bytes())),
        Plain::Binary(bytes) => Value::Binary(ctx.vault().seal(&label, bytes)),
    })
}

/// Opens the value of a version.
pub fn open(ctx: &Ctx, secret: &Secret, version: &Version) -> Result<Plain, AwsError> {
    let failure = || {
        error::decryption_failure(
            "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        )
    };
    check_key(ctx, secret.kms_key_id.as_deref(), &secret.arn, "kms:Decrypt", failure)?;
    unseal(ctx, secret, version).ok_or_else(failure)
}

/// Whether a version has this value: what makes a repeated request the same one.
pub fn is(ctx: &Ctx, secret: &Secret, version: &Version, plain: &Plain) -> bool {
    unseal(ctx, secret, version).as_ref() == Some(plain)
}

fn unseal(ctx: &Ctx, secret: &Secret, version: &Version) -> Option<Plain> {
    let label = Secret::label(&secret.arn, &version.id);
    let opened = |sealed| ctx.vault().unseal(&label, sealed).ok();
    match &version.value {
        Value::Text(sealed) => {
            opened(sealed).and_then(|bytes| String::from_utf8(bytes).ok()).map(Plain::Text)
        }
        Value::Binary(sealed) => opened(sealed).map(Plain::Binary),
    }
}

fn check_key(
    ctx: &Ctx,
    kms_key_id: Option<&str>,
    secret_arn: &str,
    action: &str,
    failure: impl Fn() -> AwsError,
) -> Result<(), AwsError> {
    let Some(id) = kms_key_id.filter(|id| !id.is_empty() && !id.ends_with(MANAGED_KEY)) else {
        return Ok(());
    };
    let key = kms::find(&ctx.snapshot(), &ctx.region, id, ctx.now).ok_or_else(&failure)?;
    if key.state != State::Enabled {
        return Err(failure());
    }
    authorize(ctx, &key, secret_arn, action)
}

/// In the name of the caller, and through Secrets Manager.
fn authorize(ctx: &Ctx, key: &Key, secret_arn: &str, action: &str) -> Result<(), AwsError> {
    let via = format!("secretsmanager.{}.amazonaws.com", ctx.region);
    let context = [
        ("kms:viaservice", via),
        ("kms:calleraccount", ctx.account().to_owned()),
        ("kms:encryptioncontext:secretarn", secret_arn.to_owned()),
    ];
    let question = Question {
        resource_policy: Some(&key.policy),
        context: &context,
        ..Question::new(action, &key.arn, &ctx.region, ctx.now)
    };
    ctx.authorize_with(&question)
        .map_err(|_| AwsError::new(400, "AccessDeniedException", "Access to KMS is not allowed"))
}
