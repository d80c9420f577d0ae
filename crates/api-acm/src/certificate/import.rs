//! ImportCertificate: a certificate with its private key and chain, new or in place of an
//! imported one. All three are read, and must belong together, before anything is kept.

use neargate_api::model::acm::{Certificate, Imported, Origin};
use neargate_api::types::acm::{ImportCertificateRequest, ImportCertificateResponse, error};
use neargate_api::{AwsError, Blob, Ctx, Tags, Timestamp};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::CertificateDer;

use crate::certificate::x509::{self, Facts};
use crate::certificate::{check_arn, not_found, pem};
use crate::tags;

const KEY_LIMIT: usize = 5120;

pub async fn call(
    ctx: Ctx,
    input: ImportCertificateRequest,
) -> Result<ImportCertificateResponse, AwsError> {
    let again = input.certificate_arn.is_some();
    if again && input.tags.is_some() {
        return Err(error::validation_exception(
            "Tagging is not permitted on re-import. Use AddTagsToCertificate.",
        ));
    }
    let facts = check(&input, ctx.now)?;
    let arn = match &input.certificate_arn {
        Some(arn) => check_arn(arn).map(|()| arn.clone())?,
        None => ctx.arn("acm", format!("certificate/{}", ctx.rng().uuid())),
    };
    let mut made = certificate(&ctx, arn.clone(), facts, &input);
    made.tags = tags::read(input.tags)?;
    let missing = not_found(&ctx, &arn);
    ctx.write(move |tx| {
        if again {
            let there = tx.get::<Certificate>(&made.arn).ok_or(missing)?;
            check_replacement(&there, &made)?;
            made.created = there.created;
            made.tags = there.tags.clone();
        }
        tx.put(made);
        Ok(())
    })
    .await?;
    Ok(ImportCertificateResponse { certificate_arn: Some(arn) })
}

/// Certificate, key and chain, each by itself and then together.
fn check(input: &ImportCertificateRequest, now: Timestamp) -> Result<Facts, AwsError> {
    let certificate = pem::certificate(&input.certificate.0)?;
    let facts = x509::read(&certificate).ok_or_else(|| {
        error::validation_exception(
            "The certificate is not valid, or its key is none that is supported: RSA of 1024, 2048, 3072 or 4096 bits, EC prime256v1 or EC secp384r1.",
        )
    })?;
    if now < facts.not_before {
        return Err(error::validation_exception(
            "The certificate is not in its validity period: it is not valid yet.",
        ));
    }
    if facts.not_after < now {
        return Err(error::validation_exception(
            "The certificate is not in its validity period: it has expired.",
        ));
    }
    check_key(&input.private_key.0, &facts)?;
    check_chain(&certificate, input.certificate_chain.as_ref())?;
    Ok(facts)
}

fn check_key(bytes: &[u8], facts: &Facts) -> Result<(), AwsError> {
    if bytes.len() > KEY_LIMIT {
        return Err(error::validation_exception(format!(
            "The private key must be no larger than {KEY_LIMIT} bytes."
        )));
    }
    let key = pem::private_key(bytes)?;
    let unsupported =
        |_| error::validation_exception("The private key is not supported or not valid.");
    let key = any_supported_type(&key).map_err(unsupported)?;
    let fits = key.public_key().is_some_and(|public| public.as_ref() == facts.public_key);
    match fits {
        true => Ok(()),
        false => Err(error::validation_exception(
            "The private key does not match the certificate: their public keys differ.",
        )),
    }
}

/// Each certificate of the chain has issued the one before it; without a chain the
/// certificate has issued itself.
fn check_chain(leaf: &CertificateDer<'_>, chain: Option<&Blob>) -> Result<(), AwsError> {
    let Some(chain) = chain else {
        return match x509::is_issued_by(leaf, leaf) {
            true => Ok(()),
            false => Err(error::validation_exception(
                "Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.",
            )),
        };
    };
    let chain = pem::chain(&chain.0)?;
    let issued = std::iter::once(leaf).chain(&chain);
    let mut pairs = issued.zip(&chain);
    match pairs.position(|(certificate, issuer)| !x509::is_issued_by(certificate, issuer)) {
        None => Ok(()),
        Some(index) => Err(error::validation_exception(format!(
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: {index}"
        ))),
    }
}

fn certificate(
    ctx: &Ctx,
    arn: String,
    facts: Facts,
    input: &ImportCertificateRequest,
) -> Certificate {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let common_name = facts.common_name.clone();
    let domain_name = common_name.or_else(|| facts.names.first().cloned()).unwrap_or_default();
    let mut names = facts.names;
    if names.is_empty() {
        names.push(domain_name.clone());
    }
    let label = Certificate::private_key_label(&arn);
    Certificate {
        created: ctx.now,
        domain_name,
        subject_alternative_names: names,
        key_algorithm: facts.key_algorithm,
        transparency_logging: "DISABLED".into(),
        tags: Tags::new(),
        origin: Origin::Imported(Imported {
            imported: ctx.now,
            certificate: text(&input.certificate.0),
            chain: input.certificate_chain.as_ref().map(|chain| text(&chain.0)),
            private_key: ctx.vault().seal(&label, &input.private_key.0),
            subject: facts.subject,
            issuer: facts.issuer,
            serial: facts.serial,
            signature_algorithm: facts.signature_algorithm,
            not_before: facts.not_before,
            not_after: facts.not_after,
            key_usages: facts.key_usages,
            extended_key_usages: facts.extended_key_usages,
        }),
        arn,
    }
}

/// A certificate that is imported again must be one of the kind that is there.
fn check_replacement(there: &Certificate, new: &Certificate) -> Result<(), AwsError> {
    if there.imported().is_none() {
        return Err(error::validation_exception(
            "The certificate was issued by ACM and cannot be replaced by an imported one.",
        ));
    }
    if there.key_algorithm != new.key_algorithm {
        return Err(error::validation_exception(format!(
            "The key of the new certificate must be of the same type and size as that of the one that it replaces: {}.",
            there.key_algorithm
        )));
    }
    Ok(())
}
