//! ACM: certificates, imported or requested.
//!
//! The private key is sealed: whoever terminates TLS opens it with
//! `vault.unseal(&Certificate::private_key_label(arn), key)`.

use neargate_ids::{Sealed, Timestamp};
use neargate_store::{Record, Snapshot, Tables};
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of ACM.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Certificate>()
}

/// A certificate. Its key is its ARN, which names the region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Certificate {
    pub arn: String,
    pub created: Timestamp,
    pub domain_name: String,
    /// As ACM shows them: the domain name among them.
    pub subject_alternative_names: Vec<String>,
    /// `RSA_2048`, `EC_prime256v1`…
    pub key_algorithm: String,
    /// `ENABLED` or `DISABLED`.
    pub transparency_logging: String,
    pub origin: Origin,
    pub tags: Tags,
}

/// Where a certificate comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Origin {
    Imported(Imported),
    Requested(Requested),
}

/// What was imported, and what it says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    pub imported: Timestamp,
    /// PEM, the certificate alone.
    pub certificate: String,
    /// PEM of the issuers, the nearest first.
    pub chain: Option<String>,
    /// PEM, sealed under [`Certificate::private_key_label`].
    pub private_key: Sealed,
    pub subject: String,
    pub issuer: String,
    /// `0a:1b:…`.
    pub serial: String,
    /// `SHA256WITHRSA`…
    pub signature_algorithm: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub key_usages: Vec<String>,
    /// Name and OID.
    pub extended_key_usages: Vec<(String, String)>,
}

/// What was requested and waits for its validation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Requested {
    /// `DNS` or `EMAIL`.
    pub validation_method: String,
    pub idempotency_token: Option<String>,
    /// One for each name.
    pub validations: Vec<Validation>,
}

/// How one name is shown to be the requester's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Validation {
    pub domain_name: String,
    pub validation_domain: String,
    /// Name and value of the CNAME record that AWS would look for; none for `EMAIL`.
    pub record: Option<(String, String)>,
}

impl Certificate {
    /// The label that the private key of an ARN's certificate is sealed under.
    pub fn private_key_label(arn: &str) -> String {
        format!("acm/{arn}")
    }

    /// What a load balancer serves; nothing while the certificate waits for its validation.
    pub fn imported(&self) -> Option<&Imported> {
        match &self.origin {
            Origin::Imported(imported) => Some(imported),
            Origin::Requested(_) => None,
        }
    }

    /// `ISSUED`, `EXPIRED` or `PENDING_VALIDATION`.
    pub fn status(&self, now: Timestamp) -> &'static str {
        match &self.origin {
            Origin::Imported(imported) if imported.not_after < now => "EXPIRED",
            Origin::Imported(_) => "ISSUED",
            Origin::Requested(_) => "PENDING_VALIDATION",
        }
    }
}

impl Imported {
    /// Certificate and chain in the order in which TLS sends them.
    pub fn full_chain(&self) -> String {
        match &self.chain {
            Some(chain) => format!("{}\n{}", self.certificate.trim_end(), chain),
            None => self.certificate.clone(),
        }
    }
}

impl Record for Certificate {
    const TABLE: &'static str = "acm-certificates";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// The beginning of the keys of a region's certificates.
pub fn prefix(region: &str) -> String {
    format!("arn:aws:acm:{region}:")
}

/// The ARNs of the load balancers that serve a certificate.
pub fn in_use_by(snapshot: &Snapshot, arn: &str) -> Vec<String> {
    let serves = |listener: &crate::elbv2::Listener| {
        listener.certificate_arn.as_deref() == Some(arn)
            || listener.extra_certificate_arns.iter().any(|extra| extra == arn)
    };
    let mut users: Vec<String> = snapshot
        .all::<crate::elbv2::Listener>()
        .filter(|listener| serves(listener))
        .map(|listener| listener.load_balancer_arn.clone())
        .collect();
    users.dedup();
    users
}
