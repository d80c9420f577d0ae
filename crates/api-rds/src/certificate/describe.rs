//! DescribeCertificates: RDS's authorities by name. What truly signs is this
//! Neargate's own authority, whichever of them an instance names.

use neargate_api::types::rds::{
    Certificate, CertificateMessage, DescribeCertificatesMessage, error as fault,
};
use neargate_api::{AwsError, Ctx, Timestamp};

use crate::engine::AUTHORITIES;

/// 2021-05-21, when RDS's present authorities begin.
const FROM: Timestamp = Timestamp::from_secs(1_621_555_200);
/// 2061-05-21.
pub const TILL: Timestamp = Timestamp::from_secs(2_884_032_000);

pub async fn call(
    ctx: Ctx,
    input: DescribeCertificatesMessage,
) -> Result<CertificateMessage, AwsError> {
    let wanted = input.certificate_identifier.as_deref();
    let found: Vec<Certificate> = AUTHORITIES
        .iter()
        .filter(|name| wanted.is_none_or(|wanted| wanted == **name))
        .map(|name| shape(&ctx, name))
        .collect();
    if let Some(name) = wanted.filter(|_| found.is_empty()) {
        return Err(fault::certificate_not_found_fault(format!("Certificate {name} not found.")));
    }
    Ok(CertificateMessage {
        certificates: Some(found),
        default_certificate_for_new_launches: Some(AUTHORITIES[0].into()),
        marker: None,
    })
}

fn shape(ctx: &Ctx, name: &str) -> Certificate {
    Certificate {
        certificate_arn: Some(format!("arn:aws:rds:{}::cert:{name}", ctx.region)),
        certificate_identifier: Some(name.into()),
        certificate_type: Some("CA".into()),
        customer_override: Some(false),
        valid_from: Some(FROM),
        valid_till: Some(TILL),
        ..Certificate::default()
    }
}
