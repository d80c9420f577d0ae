//! PEM, strictly: the blocks that are asked for and nothing else.

use neargate_api::AwsError;
use neargate_api::types::acm::error;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The one certificate of a text.
pub fn certificate(bytes: &[u8]) -> Result<CertificateDer<'static>, AwsError> {
    let mut found = certificates(bytes).ok_or_else(|| invalid("certificate"))?;
    match (found.pop(), found.is_empty()) {
        (Some(certificate), true) => Ok(certificate),
        (Some(_), false) => Err(error::validation_exception(
            "The certificate field contains more than one certificate. You can specify only one certificate in this field.",
        )),
        (None, _) => Err(invalid("certificate")),
    }
}

/// The certificates of a chain: at least one.
pub fn chain(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, AwsError> {
    certificates(bytes).filter(|found| !found.is_empty()).ok_or_else(|| {
        error::validation_exception(
            "The certificate chain is not valid: it must be one or more certificates in PEM format.",
        )
    })
}

/// The private key of a text, which must not be encrypted.
pub fn private_key(bytes: &[u8]) -> Result<PrivateKeyDer<'static>, AwsError> {
    let text = String::from_utf8_lossy(bytes);
    if text.contains("ENCRYPTED") {
        return Err(error::validation_exception("The private key is encrypted or not valid."));
    }
    PrivateKeyDer::from_pem_slice(bytes).map_err(|_| invalid("private key"))
}

fn certificates(bytes: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>().ok()
}

fn invalid(what: &str) -> AwsError {
    error::validation_exception(format!("The {what} is not valid. It must be in PEM format."))
}
