//! A certificate: how it is found, read and shown.

pub mod delete;
pub mod describe;
pub mod get;
pub mod import;
pub mod list;
mod pem;
pub mod request;
pub mod update_options;
mod x509;

use std::sync::Arc;

use neargate_api::model::acm::Certificate;
use neargate_api::types::acm::error;
use neargate_api::{Arn, AwsError, Ctx};

/// The certificate of an ARN.
pub fn find(ctx: &Ctx, arn: &str) -> Result<Arc<Certificate>, AwsError> {
    check_arn(arn)?;
    ctx.snapshot().get::<Certificate>(arn).ok_or_else(|| not_found(ctx, arn))
}

/// Changes a certificate in one transaction.
pub async fn change(
    ctx: &Ctx,
    arn: &str,
    change: impl FnOnce(&mut Certificate) -> Result<(), AwsError> + Send + 'static,
) -> Result<(), AwsError> {
    check_arn(arn)?;
    let (key, missing) = (arn.to_owned(), not_found(ctx, arn));
    ctx.write(move |tx| {
        let found = tx.get::<Certificate>(&key).ok_or(missing)?;
        let mut certificate = Certificate::clone(&found);
        change(&mut certificate)?;
        tx.put(certificate);
        Ok(())
    })
    .await
}

pub fn not_found(ctx: &Ctx, arn: &str) -> AwsError {
    error::resource_not_found_exception(format!(
        "Could not find certificate {arn} in account {}.",
        ctx.account()
    ))
}

fn check_arn(arn: &str) -> Result<(), AwsError> {
    let parsed: Option<Arn> = arn.parse().ok();
    let ours = |arn: &Arn| arn.service == "acm" && arn.resource.starts_with("certificate/");
    match parsed.as_ref().is_some_and(ours) {
        true => Ok(()),
        false => Err(error::invalid_arn_exception(format!(
            "The ARN {arn} does not refer to a certificate."
        ))),
    }
}
