//! `aws_acm_certificate_validation`: nothing of AWS's, but the wait until a certificate
//! is issued.

use async_trait::async_trait;
use neargate_aws_client::Seen;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, never_imported};
use crate::resources::acm_certificate::certificate;

pub struct CertificateValidation;

#[async_trait]
impl Resource for CertificateValidation {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["certificate_arn", "validation_record_fqdns"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let arn = planned.required("certificate_arn");
        let look = || async {
            let Some(certificate) = certificate(cloud, &arn).await? else {
                return Err(Failure::told(format!(
                    "Certificate {arn} is not there, or its validation timed out"
                )));
            };
            match certificate.status.as_deref() {
                Some("ISSUED") => Ok(Seen::Done(certificate.issued_at)),
                Some("PENDING_VALIDATION") => {
                    Ok(Seen::NotYet("PENDING_VALIDATION (are its DNS records set?)".to_owned()))
                }
                status => {
                    let why = certificate.failure_reason.clone().unwrap_or_default();
                    let status = status.unwrap_or("without a status");
                    Err(Failure::told(format!("Certificate {arn} is {status}: {why}")))
                }
            }
        };
        let issued = cloud.patience(75).sees(&format!("Certificate {arn}"), look).await?;
        // As Go writes times.
        Ok(issued.map_or(arn, |at| at.format("%Y-%m-%d %H:%M:%S%.f +0000 UTC")))
    }

    async fn read(&self, cloud: &Cloud, known: Attributes) -> Result<Option<Attributes>, Failure> {
        let certificate = certificate(cloud, &known.required("certificate_arn")).await?;
        let is_issued = certificate.is_some_and(|one| one.status.as_deref() == Some("ISSUED"));
        Ok(is_issued.then_some(known))
    }

    async fn update(&self, _: &Cloud, _: &Attributes, _: &Attributes) -> Result<(), Failure> {
        Ok(())
    }

    async fn delete(&self, _: &Cloud, _: &Attributes) -> Result<(), Failure> {
        Ok(())
    }

    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        Err(never_imported(id))
    }
}
