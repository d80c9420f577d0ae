//! Certificates that were requested: AWS would issue them.

use neargate_api::model::acm::{Certificate, Origin};
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    snapshot.all::<Certificate>().filter_map(|certificate| told(&certificate)).collect()
}

fn told(certificate: &Certificate) -> Option<Inert> {
    let Origin::Requested(requested) = &certificate.origin else { return None };
    let on_aws = match requested.validation_method.as_str() {
        "DNS" => {
            "AWS would issue the certificate once the CNAME records of its names are there. \
             Here it stays PENDING_VALIDATION: import a certificate instead."
        }
        _ => {
            "AWS would write to the domain's contacts and issue the certificate once they agree. \
             Here it stays PENDING_VALIDATION: import a certificate instead."
        }
    };
    Some(Inert::new(&certificate.arn, "ValidationMethod", on_aws))
}
