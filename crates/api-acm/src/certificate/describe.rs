//! DescribeCertificate: everything but the PEM.

use neargate_api::model::acm::{
    self as model, Certificate, Imported, Origin, Requested, Validation,
};
use neargate_api::types::acm::{
    CertificateDetail, CertificateOptions, DescribeCertificateRequest, DescribeCertificateResponse,
    DomainValidation, ExtendedKeyUsage, KeyUsage, ResourceRecord,
};
use neargate_api::{AwsError, Ctx};

use crate::certificate;

pub async fn call(
    ctx: Ctx,
    input: DescribeCertificateRequest,
) -> Result<DescribeCertificateResponse, AwsError> {
    let certificate = certificate::find(&ctx, &input.certificate_arn)?;
    let common = common(&ctx, &certificate);
    let detail = match &certificate.origin {
        Origin::Imported(it) => imported(common, it),
        Origin::Requested(it) => requested(common, &certificate, it),
    };
    Ok(DescribeCertificateResponse { certificate: Some(detail) })
}

fn common(ctx: &Ctx, certificate: &Certificate) -> CertificateDetail {
    CertificateDetail {
        certificate_arn: Some(certificate.arn.clone()),
        domain_name: Some(certificate.domain_name.clone()),
        subject_alternative_names: Some(certificate.subject_alternative_names.clone()),
        created_at: Some(certificate.created),
        status: Some(certificate.status(ctx.now).to_owned()),
        key_algorithm: Some(certificate.key_algorithm.clone()),
        in_use_by: Some(model::in_use_by(&ctx.snapshot(), &certificate.arn)),
        renewal_eligibility: Some("INELIGIBLE".into()),
        options: Some(CertificateOptions {
            certificate_transparency_logging_preference: Some(
                certificate.transparency_logging.clone(),
            ),
            ..CertificateOptions::default()
        }),
        ..CertificateDetail::default()
    }
}

fn imported(common: CertificateDetail, it: &Imported) -> CertificateDetail {
    let key_usage = |name: &String| KeyUsage { name: Some(name.clone()) };
    let extended = |(name, oid): &(String, String)| ExtendedKeyUsage {
        name: Some(name.clone()),
        oid: Some(oid.clone()),
    };
    CertificateDetail {
        r#type: Some("IMPORTED".into()),
        imported_at: Some(it.imported),
        subject: Some(it.subject.clone()),
        issuer: Some(it.issuer.clone()),
        serial: Some(it.serial.clone()),
        signature_algorithm: Some(it.signature_algorithm.clone()),
        not_before: Some(it.not_before),
        not_after: Some(it.not_after),
        key_usages: Some(it.key_usages.iter().map(key_usage).collect()),
        extended_key_usages: Some(it.extended_key_usages.iter().map(extended).collect()),
        ..common
    }
}

fn requested(
    common: CertificateDetail,
    certificate: &Certificate,
    it: &Requested,
) -> CertificateDetail {
    let shown = |validation: &Validation| shown(validation, &it.validation_method);
    CertificateDetail {
        r#type: Some("AMAZON_ISSUED".into()),
        subject: Some(format!("CN={}", certificate.domain_name)),
        issuer: Some("Amazon".into()),
        domain_validation_options: Some(it.validations.iter().map(shown).collect()),
        ..common
    }
}

fn shown(validation: &Validation, method: &str) -> DomainValidation {
    let domain = &validation.validation_domain;
    let contacts = ["admin", "administrator", "hostmaster", "postmaster", "webmaster"];
    let emails = || contacts.iter().map(|name| format!("{name}@{domain}")).collect();
    DomainValidation {
        domain_name: validation.domain_name.clone(),
        validation_domain: Some(domain.clone()),
        validation_method: Some(method.to_owned()),
        validation_status: Some("PENDING_VALIDATION".into()),
        validation_emails: (method == "EMAIL").then(emails),
        resource_record: validation.record.as_ref().map(|(name, value)| ResourceRecord {
            name: name.clone(),
            r#type: "CNAME".into(),
            value: value.clone(),
        }),
        http_redirect: None,
    }
}
