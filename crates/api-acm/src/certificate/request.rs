//! RequestCertificate: kept with what would show that its names are the requester's. It
//! stays PENDING_VALIDATION, which `inert` tells.

use neargate_api::model::acm::{self as model, Certificate, Origin, Requested, Validation};
use neargate_api::types::acm::{
    DomainValidationOption, RequestCertificateRequest, RequestCertificateResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::tags;

/// How long a repeated request with the same token is the same request.
const IDEMPOTENT_MS: i64 = 3_600_000;

pub async fn call(
    ctx: Ctx,
    input: RequestCertificateRequest,
) -> Result<RequestCertificateResponse, AwsError> {
    refuse_unsupported(&input)?;
    check_domain("domainName", &input.domain_name)?;
    let mut names = vec![input.domain_name.clone()];
    for name in input.subject_alternative_names.into_iter().flatten() {
        check_domain("subjectAlternativeNames", &name)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let method = input.validation_method.unwrap_or_else(|| "EMAIL".into());
    let options = input.domain_validation_options.unwrap_or_default();
    let logging = input.options.and_then(|o| o.certificate_transparency_logging_preference);
    let made = Certificate {
        arn: ctx.arn("acm", format!("certificate/{}", ctx.rng().uuid())),
        created: ctx.now,
        domain_name: input.domain_name,
        key_algorithm: input.key_algorithm.unwrap_or_else(|| "RSA_2048".into()),
        transparency_logging: logging.unwrap_or_else(|| "ENABLED".into()),
        origin: Origin::Requested(Requested {
            validations: names
                .iter()
                .map(|name| validation(&ctx, name, &method, &options))
                .collect::<Result<_, _>>()?,
            validation_method: method,
            idempotency_token: input.idempotency_token,
        }),
        subject_alternative_names: names,
        tags: tags::read(input.tags)?,
    };
    let region = ctx.region.clone();
    let arn = ctx
        .write(move |tx| {
            let same = tx.scan::<Certificate>(&model::prefix(&region)).find(|c| is_same(c, &made));
            Ok(match same {
                Some(there) => there.arn.clone(),
                None => {
                    let arn = made.arn.clone();
                    tx.put(made);
                    arn
                }
            })
        })
        .await?;
    Ok(RequestCertificateResponse { certificate_arn: Some(arn) })
}

/// Refuses what is no domain name of two or more labels, which the model says by a pattern
/// that looks ahead.
fn check_domain(member: &str, name: &str) -> Result<(), AwsError> {
    const PATTERN: &str =
        r"(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])";
    let is_label = |label: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let edges = !label.starts_with('-') && !label.ends_with('-');
        (1..=63).contains(&label.len()) && edges && label.chars().all(allowed)
    };
    let labels: Vec<&str> = name.strip_prefix("*.").unwrap_or(name).split('.').collect();
    let last_fits = labels.last().is_some_and(|last| last.len() > 1);
    if labels.len() > 1 && last_fits && labels.iter().all(|label| is_label(label)) {
        return Ok(());
    }
    Err(AwsError::new(
        400,
        "ValidationException",
        format!(
            "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: {PATTERN}"
        ),
    ))
}

/// What needs an authority that is not here.
fn refuse_unsupported(input: &RequestCertificateRequest) -> Result<(), AwsError> {
    let why = if input.certificate_authority_arn.is_some() {
        "CertificateAuthorityArn: this Neargate has no private certificate authority."
    } else if input.managed_by.is_some() {
        "ManagedBy: this Neargate has no CloudFront."
    } else if input.validation_method.as_deref() == Some("HTTP") {
        "ValidationMethod HTTP is for CloudFront, which this Neargate has not: use DNS or EMAIL."
    } else if input.options.as_ref().is_some_and(|o| o.export.as_deref() == Some("ENABLED")) {
        "Export: this Neargate issues no certificates that could be exported."
    } else {
        return Ok(());
    };
    Err(error::invalid_parameter_exception(why))
}

fn validation(
    ctx: &Ctx,
    name: &str,
    method: &str,
    options: &[DomainValidationOption],
) -> Result<Validation, AwsError> {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let given = options.iter().find(|option| option.domain_name == name);
    let domain = given.map_or(bare, |option| &option.validation_domain);
    if bare != domain && !bare.ends_with(&format!(".{domain}")) {
        return Err(error::invalid_domain_validation_options_exception(format!(
            "The validation domain {domain} is neither {name} nor a superdomain of it."
        )));
    }
    let record = (method == "DNS").then(|| record(ctx, bare));
    Ok(Validation { domain_name: name.to_owned(), validation_domain: domain.to_owned(), record })
}

/// A name and its wildcard share a record, as on AWS: the record is the name's alone.
fn record(ctx: &Ctx, name: &str) -> (String, String) {
    let digest = ring::digest::digest(
        &ring::digest::SHA256,
        format!("{}/{}/{name}", ctx.account(), ctx.region).as_bytes(),
    );
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let (label, rest) = hex.split_at(32);
    let zone: String =
        label.bytes().take(10).map(|byte| char::from(b'a' + (byte.wrapping_mul(7) % 26))).collect();
    (format!("_{label}.{name}."), format!("_{rest}.{zone}.acm-validations.aws."))
}

/// Whether `made` repeats the request of a certificate that is there.
fn is_same(there: &Certificate, made: &Certificate) -> bool {
    let (Origin::Requested(old), Origin::Requested(new)) = (&there.origin, &made.origin) else {
        return false;
    };
    new.idempotency_token.is_some()
        && old.idempotency_token == new.idempotency_token
        && there.subject_alternative_names == made.subject_alternative_names
        && made.created.millis_since(there.created) < IDEMPOTENT_MS
}
