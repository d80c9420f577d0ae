//! UpdateCertificateOptions: transparency logging of certificates that ACM issues.

use neargate_api::types::acm::{
    UpdateCertificateOptionsOutput, UpdateCertificateOptionsRequest, error,
};
use neargate_api::{AwsError, Ctx};

use crate::certificate;

pub async fn call(
    ctx: Ctx,
    input: UpdateCertificateOptionsRequest,
) -> Result<UpdateCertificateOptionsOutput, AwsError> {
    if input.options.export.is_some() || input.options.validation_method.is_some() {
        return Err(error::validation_exception(
            "This Neargate issues no certificates: Export and ValidationMethod cannot be changed.",
        ));
    }
    certificate::change(&ctx, &input.certificate_arn, move |certificate| {
        if certificate.imported().is_some() {
            return Err(error::invalid_state_exception(
                "The options of an imported certificate cannot be changed.",
            ));
        }
        if let Some(logging) = input.options.certificate_transparency_logging_preference {
            certificate.transparency_logging = logging;
        }
        Ok(())
    })
    .await?;
    Ok(UpdateCertificateOptionsOutput {})
}
