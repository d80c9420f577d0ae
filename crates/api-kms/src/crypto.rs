//! Encryption and decryption with a key's material.

mod ciphertext;
pub mod data_key;
pub mod decrypt;
pub mod encrypt;
pub mod random;
pub mod re_encrypt;

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::model::kms::Key;
use neargate_api::types::kms::{RecipientInfo, error};
use neargate_api::{AwsError, Ctx};

use crate::access::{self, Use};
use crate::key::{managed, material};

const ALGORITHM: &str = "SYMMETRIC_DEFAULT";

type Context = BTreeMap<String, String>;

/// A key that the caller may encrypt with, with its present material.
async fn encrypting(
    ctx: &Ctx,
    key_id: &str,
    action: &str,
    context: &Context,
) -> Result<Arc<Key>, AwsError> {
    let key = managed::find_or_make(ctx, key_id).await?;
    access::allowed(ctx, &key, &Use { action, context, via: None })?;
    access::enabled(&key)?;
    material::rotated(ctx, key).await
}

fn check_algorithm(given: Option<&str>) -> Result<(), AwsError> {
    match given {
        None | Some(ALGORITHM) => Ok(()),
        Some(other) => Err(error::invalid_key_usage_exception(format!(
            "The encryption algorithm {other} is not that of a symmetric key: {ALGORITHM}."
        ))),
    }
}

fn refuse_recipient(given: Option<&RecipientInfo>) -> Result<(), AwsError> {
    match given {
        None => Ok(()),
        Some(_) => Err(error::unsupported_operation_exception(
            "Recipient: this Neargate has no Nitro enclaves.",
        )),
    }
}
