//! `aws_lb_listener_certificate`: one more certificate of a listener.

use async_trait::async_trait;
use neargate_api_types::elbv2;
use neargate_aws_client::pages;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::waits;

pub struct LbListenerCertificate;

const MISSING: [&str; 3] = ["CertificateNotFound", "ListenerNotFound", "ListenerNotFoundException"];

#[async_trait]
impl Resource for LbListenerCertificate {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["certificate_arn", "listener_arn"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let (listener, certificate) = both(planned);
        let input = elbv2::AddListenerCertificatesInput {
            certificates: certificates(&certificate),
            listener_arn: listener.clone(),
        };
        let what = format!("Certificate {certificate}");
        waits::accepted(cloud, &what, 2, &["CertificateNotFound"], || {
            cloud.call::<elbv2::AddListenerCertificates>(&input)
        })
        .await?;
        Ok(format!("{listener}_{certificate}"))
    }

    async fn read(&self, cloud: &Cloud, known: Attributes) -> Result<Option<Attributes>, Failure> {
        let (listener, certificate) = both(&known);
        let all = pages(|marker| async {
            let input = elbv2::DescribeListenerCertificatesInput {
                listener_arn: listener.clone(),
                marker,
                ..Default::default()
            };
            let page = cloud.call::<elbv2::DescribeListenerCertificates>(&input).await?;
            Ok((page.certificates.unwrap_or_default(), page.next_marker))
        });
        let all = found(all.await, &MISSING)?.unwrap_or_default();
        let is_there = all.iter().any(|one| {
            one.is_default != Some(true)
                && one.certificate_arn.as_deref() == Some(certificate.as_str())
        });
        Ok(is_there.then_some(known))
    }

    async fn update(
        &self,
        _cloud: &Cloud,
        _prior: &Attributes,
        _planned: &Attributes,
    ) -> Result<(), Failure> {
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let (listener_arn, certificate) = both(prior);
        let certificates = certificates(&certificate);
        let input = elbv2::RemoveListenerCertificatesInput { certificates, listener_arn };
        found(cloud.call::<elbv2::RemoveListenerCertificates>(&input).await, &MISSING)?;
        Ok(())
    }

    /// `LISTENER-ARN_CERTIFICATE-ARN`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let Some((listener, certificate)) = id.split_once('_') else {
            return Err(Failure::told(format!(
                "{id} is not of the form LISTENER-ARN_CERTIFICATE-ARN"
            )));
        };
        Ok(Attributes::from(
            json!({ "id": id, "listener_arn": listener, "certificate_arn": certificate }),
        ))
    }
}

fn both(attributes: &Attributes) -> (String, String) {
    (attributes.required("listener_arn"), attributes.required("certificate_arn"))
}

fn certificates(arn: &str) -> Vec<elbv2::Certificate> {
    vec![elbv2::Certificate { certificate_arn: Some(arn.to_owned()), ..Default::default() }]
}
