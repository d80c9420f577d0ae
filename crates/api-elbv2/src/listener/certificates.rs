//! The certificates of an HTTPS listener: its default one, and others that SNI chooses.

use neargate_api::model::acm;
use neargate_api::model::elbv2::Listener;
use neargate_api::types::elbv2::{
    AddListenerCertificatesInput, AddListenerCertificatesOutput, Certificate,
    DescribeListenerCertificatesInput, DescribeListenerCertificatesOutput,
    RemoveListenerCertificatesInput, RemoveListenerCertificatesOutput, error,
};
use neargate_api::{AwsError, Ctx, Snapshot, Timestamp};

use crate::account_limit::CERTIFICATES_PER_LOAD_BALANCER;
use crate::{invalid, listener, pages};

/// Refuses certificates that ACM has not, or has not issued. (IAM's server
/// certificates are not there.)
pub fn check(snapshot: &Snapshot, arns: &[String], now: Timestamp) -> Result<(), AwsError> {
    for arn in arns {
        match snapshot.get::<acm::Certificate>(arn) {
            None => {
                return Err(error::certificate_not_found_exception(format!(
                    "Certificate '{arn}' not found"
                )));
            }
            Some(found) if found.status(now) == "PENDING_VALIDATION" => {
                return Err(AwsError::new(
                    400,
                    "UnsupportedCertificate",
                    format!(
                        "The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported key size: it is not issued yet."
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn arns(given: Vec<Certificate>) -> Vec<String> {
    given.into_iter().filter_map(|certificate| certificate.certificate_arn).collect()
}

pub async fn add(
    ctx: Ctx,
    input: AddListenerCertificatesInput,
) -> Result<AddListenerCertificatesOutput, AwsError> {
    let added = arns(input.certificates);
    let shown: Vec<Certificate> = added
        .iter()
        .map(|arn| Certificate { certificate_arn: Some(arn.clone()), is_default: Some(false) })
        .collect();
    let now = ctx.now;
    ctx.write(move |tx| {
        let mut changed = Listener::clone(&*listener::find(tx, &input.listener_arn)?);
        if changed.protocol != "HTTPS" {
            return Err(invalid("Certificates can be added to HTTPS listeners only"));
        }
        check(tx, &added, now)?;
        for arn in added {
            let known = changed.certificate_arn.as_ref() == Some(&arn)
                || changed.extra_certificate_arns.contains(&arn);
            if !known {
                changed.extra_certificate_arns.push(arn);
            }
        }
        if changed.extra_certificate_arns.len() > CERTIFICATES_PER_LOAD_BALANCER {
            return Err(error::too_many_certificates_exception(format!(
                "The maximum number of certificates is '{CERTIFICATES_PER_LOAD_BALANCER}'"
            )));
        }
        tx.put(changed);
        Ok(())
    })
    .await?;
    Ok(AddListenerCertificatesOutput { certificates: Some(shown) })
}

pub async fn remove(
    ctx: Ctx,
    input: RemoveListenerCertificatesInput,
) -> Result<RemoveListenerCertificatesOutput, AwsError> {
    let removed = arns(input.certificates);
    ctx.write(move |tx| {
        let mut changed = Listener::clone(&*listener::find(tx, &input.listener_arn)?);
        if changed.certificate_arn.as_ref().is_some_and(|arn| removed.contains(arn)) {
            return Err(error::operation_not_permitted_exception(
                "The default certificate of a listener cannot be removed",
            ));
        }
        changed.extra_certificate_arns.retain(|arn| !removed.contains(arn));
        tx.put(changed);
        Ok(())
    })
    .await?;
    Ok(RemoveListenerCertificatesOutput {})
}

pub async fn describe(
    ctx: Ctx,
    input: DescribeListenerCertificatesInput,
) -> Result<DescribeListenerCertificatesOutput, AwsError> {
    let found = listener::find(&ctx.snapshot(), &input.listener_arn)?;
    let default = found.certificate_arn.iter().map(|arn| (arn, true));
    let mut all: Vec<(String, bool)> = default
        .chain(found.extra_certificate_arns.iter().map(|arn| (arn, false)))
        .map(|(arn, is_default)| (arn.clone(), is_default))
        .collect();
    all.sort();
    let page = pages::cut(all, |(arn, _)| arn.clone(), input.marker, input.page_size)?;
    let shown = page.items.into_iter().map(|(arn, is_default)| Certificate {
        certificate_arn: Some(arn),
        is_default: Some(is_default),
    });
    Ok(DescribeListenerCertificatesOutput {
        certificates: Some(shown.collect()),
        next_marker: page.next_token,
    })
}
