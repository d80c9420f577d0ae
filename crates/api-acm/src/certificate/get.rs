//! GetCertificate: certificate and chain as PEM; never the private key.

use neargate_api::types::acm::{GetCertificateRequest, GetCertificateResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::certificate;

pub async fn call(
    ctx: Ctx,
    input: GetCertificateRequest,
) -> Result<GetCertificateResponse, AwsError> {
    let certificate = certificate::find(&ctx, &input.certificate_arn)?;
    let imported = certificate.imported().ok_or_else(|| {
        error::request_in_progress_exception(
            "The certificate is still being issued: its domain names are not validated.",
        )
    })?;
    Ok(GetCertificateResponse {
        certificate: Some(imported.certificate.clone()),
        certificate_chain: imported.chain.clone(),
    })
}
