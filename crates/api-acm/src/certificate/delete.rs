//! DeleteCertificate: unless a listener serves it.

use neargate_api::model::acm::{self as model, Certificate};
use neargate_api::types::acm::{DeleteCertificateOutput, DeleteCertificateRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::certificate::{check_arn, not_found};

pub async fn call(
    ctx: Ctx,
    input: DeleteCertificateRequest,
) -> Result<DeleteCertificateOutput, AwsError> {
    let arn = input.certificate_arn;
    check_arn(&arn)?;
    let missing = not_found(&ctx, &arn);
    let account = ctx.account().to_owned();
    ctx.write(move |tx| {
        if !model::in_use_by(tx.view(), &arn).is_empty() {
            return Err(error::resource_in_use_exception(format!(
                "Certificate {arn} in account {account} is in use."
            )));
        }
        tx.delete::<Certificate>(&arn).map(drop).ok_or(missing)
    })
    .await?;
    Ok(DeleteCertificateOutput {})
}
