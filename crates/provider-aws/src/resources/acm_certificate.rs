//! `aws_acm_certificate`: imported, or issued by ACM once it is proved that the names
//! are the caller's (`aws_acm_certificate_validation`). Certificates of a private
//! authority are not supported.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::acm::{self as api, Tag};
use neargate_aws_client::Seen;
use neargate_wire::Blob;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::{tags, waits};

pub struct Certificate;

const MISSING: [&str; 1] = ["ResourceNotFoundException"];

#[async_trait]
impl Resource for Certificate {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "certificate_authority_arn",
                "domain_name",
                "key_algorithm",
                "subject_alternative_names",
                "validation_method",
                "validation_option",
            ],
            filled: &["options"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        if planned.text("certificate_authority_arn").is_some()
            || planned.text("early_renewal_duration").is_some()
        {
            return Err(Failure::told(
                "Certificates of a private authority are not supported: leave certificate_authority_arn out",
            ));
        }
        if planned.text("private_key").is_some() {
            return import(cloud, planned, None).await;
        }
        let option = |block: Attributes| api::DomainValidationOption {
            domain_name: block.required("domain_name"),
            validation_domain: block.required("validation_domain"),
        };
        let validations: Vec<_> =
            planned.blocks("validation_option").into_iter().map(option).collect();
        let domain = planned.required("domain_name");
        let others = planned.texts("subject_alternative_names").into_iter();
        let others: Vec<String> = others.filter(|name| *name != domain).collect();
        let input = api::RequestCertificateRequest {
            domain_name: domain,
            domain_validation_options: Some(validations).filter(|options| !options.is_empty()),
            // A token of letters and digits only.
            idempotency_token: Some(cloud.client.once().replace('-', "")),
            key_algorithm: planned.string("key_algorithm"),
            options: options(planned),
            subject_alternative_names: Some(others).filter(|names| !names.is_empty()),
            tags: new_tags(planned),
            validation_method: planned.string("validation_method"),
            ..Default::default()
        };
        Ok(cloud.call::<api::RequestCertificate>(&input).await?.certificate_arn.unwrap_or_default())
    }

    /// ACM tells how to prove the names a moment later.
    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        if planned.text("private_key").is_some() {
            return Ok(());
        }
        let (arn, what) = (planned.id(), format!("Certificate {}", planned.id()));
        let look = || async {
            let certificate = certificate(cloud, &arn).await?.unwrap_or_default();
            let validations = certificate.domain_validation_options.unwrap_or_default();
            let is_told = |validation: &api::DomainValidation| {
                validation.resource_record.is_some() || validation.validation_emails.is_some()
            };
            let is_ready = certificate.status.as_deref() == Some("ISSUED")
                || (!validations.is_empty() && validations.iter().all(is_told));
            Ok::<_, Failure>(if is_ready {
                Seen::Done(())
            } else {
                Seen::NotYet("without its records".into())
            })
        };
        cloud.patience(5).sees(&what, look).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let Some(certificate) = certificate(cloud, &arn).await? else { return Ok(None) };
        known.extend(state(&arn, certificate));
        tags::set(&mut known, cloud, tags_of(cloud, &arn).await?);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let arn = planned.id();
        if prior.any_differs(planned, &["private_key", "certificate_body", "certificate_chain"]) {
            import(cloud, planned, Some(arn.clone())).await?;
        } else if let Some(options) = options(planned).filter(|_| prior.differs(planned, "options"))
        {
            let input =
                api::UpdateCertificateOptionsRequest { certificate_arn: arn.clone(), options };
            cloud.call::<api::UpdateCertificateOptions>(&input).await?;
        }
        let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else {
            return Ok(());
        };
        if !removed.is_empty() {
            let tags = removed.into_iter().map(|key| Tag { key, value: None }).collect();
            let input =
                api::RemoveTagsFromCertificateRequest { certificate_arn: arn.clone(), tags };
            cloud.call::<api::RemoveTagsFromCertificate>(&input).await?;
        }
        if !set.is_empty() {
            let input = api::AddTagsToCertificateRequest { certificate_arn: arn, tags: list(set) };
            cloud.call::<api::AddTagsToCertificate>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DeleteCertificateRequest { certificate_arn: prior.id() };
        let what = format!("Certificate {}", prior.id());
        // A listener that has just gone is seen a little longer.
        waits::delete(cloud, &what, &MISSING, &["ResourceInUseException"], || {
            cloud.call::<api::DeleteCertificate>(&input)
        })
        .await
    }
}

/// # Errors
/// The service's.
pub async fn tags_of(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, Failure> {
    let input = api::ListTagsForCertificateRequest { certificate_arn: arn.to_owned() };
    let tags = cloud.call::<api::ListTagsForCertificate>(&input).await?.tags.unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value: Some(value) }).collect()
}

fn new_tags(planned: &Attributes) -> Option<Vec<Tag>> {
    Some(list(planned.map("tags_all"))).filter(|tags| !tags.is_empty())
}

fn options(planned: &Attributes) -> Option<api::CertificateOptions> {
    let block = planned.block("options")?;
    let preference = block.string("certificate_transparency_logging_preference")?;
    Some(api::CertificateOptions {
        certificate_transparency_logging_preference: Some(preference),
        ..Default::default()
    })
}

/// Imports it as a new one, or over the one with this ARN, which keeps its tags.
async fn import(
    cloud: &Cloud,
    planned: &Attributes,
    arn: Option<String>,
) -> Result<String, Failure> {
    let blob = |name| Blob(planned.required(name).into_bytes());
    let input = api::ImportCertificateRequest {
        certificate: blob("certificate_body"),
        certificate_chain: planned.text("certificate_chain").map(|_| blob("certificate_chain")),
        private_key: blob("private_key"),
        tags: if arn.is_some() { None } else { new_tags(planned) },
        certificate_arn: arn,
    };
    Ok(cloud.call::<api::ImportCertificate>(&input).await?.certificate_arn.unwrap_or_default())
}

/// Nothing for one that is not there, or has failed for good.
pub async fn certificate(
    cloud: &Cloud,
    arn: &str,
) -> Result<Option<api::CertificateDetail>, Failure> {
    let input = api::DescribeCertificateRequest { certificate_arn: arn.to_owned() };
    let described = found(cloud.call::<api::DescribeCertificate>(&input).await, &MISSING)?;
    let certificate = described.and_then(|output| output.certificate);
    Ok(certificate
        .filter(|certificate| certificate.status.as_deref() != Some("VALIDATION_TIMED_OUT")))
}

fn state(arn: &str, certificate: api::CertificateDetail) -> Json {
    let time =
        |at: Option<neargate_ids::Timestamp>| at.map(|at| at.iso8601_secs()).unwrap_or_default();
    let is_imported = certificate.r#type.as_deref() == Some("IMPORTED");
    let validations = certificate.domain_validation_options.unwrap_or_default();
    let emails: Vec<String> = validations
        .iter()
        .flat_map(|one| one.validation_emails.clone().unwrap_or_default())
        .collect();
    let method = validations.iter().find_map(|one| one.validation_method.clone());
    let method = method.unwrap_or_else(|| "NONE".to_owned());
    let record = |one: &api::DomainValidation| {
        let record = one.resource_record.as_ref()?;
        Some(json!({
            "domain_name": one.domain_name,
            "resource_record_name": record.name,
            "resource_record_type": record.r#type,
            "resource_record_value": record.value,
        }))
    };
    let records: Vec<Json> = validations.iter().filter_map(record).collect();
    let renewal: Vec<Json> = certificate
        .renewal_summary
        .into_iter()
        .map(|renewal| {
            json!({
                "renewal_status": renewal.renewal_status,
                "renewal_status_reason": renewal.renewal_status_reason.unwrap_or_default(),
                "updated_at": renewal.updated_at.iso8601_secs(),
            })
        })
        .collect();
    let preference =
        certificate.options.unwrap_or_default().certificate_transparency_logging_preference;
    let options = preference
        .map(|preference| json!({ "certificate_transparency_logging_preference": preference }));
    json!({
        "arn": arn,
        "certificate_authority_arn": certificate.certificate_authority_arn.unwrap_or_default(),
        "domain_name": certificate.domain_name,
        "domain_validation_options": records,
        "early_renewal_duration": "",
        "key_algorithm": certificate.key_algorithm.map(|name| name.replace('-', "_")),
        "not_after": time(certificate.not_after),
        "not_before": time(certificate.not_before),
        "options": options.into_iter().collect::<Vec<_>>(),
        "pending_renewal": false,
        "renewal_eligibility": certificate.renewal_eligibility,
        "renewal_summary": renewal,
        "status": certificate.status,
        "subject_alternative_names": certificate.subject_alternative_names.unwrap_or_default(),
        "type": certificate.r#type,
        "validation_emails": emails,
        "validation_method": if is_imported { "NONE".to_owned() } else { method },
    })
}
