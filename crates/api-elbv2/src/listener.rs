//! Listeners: what their operations share.

pub mod attributes;
pub mod certificates;
pub mod create;
pub mod delete;
pub mod describe;
pub mod modify;

use std::sync::Arc;

use neargate_api::model::elbv2::{Listener, Rule, listeners_of, rules_of};
use neargate_api::types::elbv2::{self, Certificate, MutualAuthenticationAttributes, error};
use neargate_api::{AwsError, Snapshot, Stored, Tx};

use crate::{invalid, refused, ssl_policy};

/// The listener of an ARN.
pub fn find(snapshot: &Snapshot, arn: &str) -> Result<Arc<Listener>, AwsError> {
    snapshot.get::<Listener>(arn).ok_or_else(|| not_found(arn))
}

pub fn not_found(arn: &str) -> AwsError {
    error::listener_not_found_exception(format!("Listener '{arn}' not found"))
}

/// Takes a listener away with its rules.
pub fn remove(tx: &mut Tx, arn: &str) {
    for rule in rules_of(tx, arn) {
        tx.delete::<Rule>(&rule.arn);
    }
    tx.delete::<Listener>(arn);
}

/// As the API shows it.
pub fn shown(listener: &Listener) -> elbv2::Listener {
    let certificate = listener.certificate_arn.iter();
    let off = || MutualAuthenticationAttributes {
        mode: Some("off".into()),
        ..MutualAuthenticationAttributes::default()
    };
    let secure = listener.protocol == "HTTPS";
    let mutual = listener.mutual_authentication.as_ref().map(|m| m.0.clone());
    elbv2::Listener {
        listener_arn: Some(listener.arn.clone()),
        load_balancer_arn: Some(listener.load_balancer_arn.clone()),
        port: Some(listener.port.into()),
        protocol: Some(listener.protocol.clone()),
        certificates: secure.then(|| certificate.map(|arn| certificate_of(arn)).collect()),
        ssl_policy: listener.ssl_policy.clone(),
        default_actions: Some(listener.actions.iter().map(|action| action.0.clone()).collect()),
        alpn_policy: None,
        mutual_authentication: secure.then(|| mutual.unwrap_or_else(off)),
    }
}

fn certificate_of(arn: &str) -> Certificate {
    Certificate { certificate_arn: Some(arn.to_owned()), is_default: None }
}

/// What a listener is secured with, as it is asked for.
pub struct Security {
    pub protocol: String,
    pub ssl_policy: Option<String>,
    pub certificate_arn: Option<String>,
    pub mutual_authentication: Option<Stored<MutualAuthenticationAttributes>>,
}

impl Security {
    /// Refuses what does not fit together, and fills in the default policy.
    pub fn checked(mut self) -> Result<Self, AwsError> {
        let mode = self.mutual_authentication.as_ref().and_then(|m| m.mode.clone());
        if let Some(mode) = mode.filter(|mode| mode != "off") {
            return Err(refused(format!(
                "Neargate's load balancers do not ask clients for certificates: mutual authentication cannot be '{mode}'."
            )));
        }
        match self.protocol.as_str() {
            "HTTP" if self.certificate_arn.is_some() => {
                Err(invalid("Certificates cannot be specified for HTTP listeners"))
            }
            "HTTP" if self.ssl_policy.is_some() => {
                Err(invalid("An SSL policy cannot be specified for HTTP listeners"))
            }
            "HTTP" => Ok(self),
            "HTTPS" if self.certificate_arn.is_none() => {
                Err(error::certificate_not_found_exception(
                    "A certificate must be specified for HTTPS listeners",
                ))
            }
            "HTTPS" => {
                let policy = self.ssl_policy.get_or_insert_with(|| ssl_policy::DEFAULT.into());
                ssl_policy::check(policy)?;
                Ok(self)
            }
            other => {
                Err(invalid(format!("Listener protocol '{other}' must be one of 'HTTP, HTTPS'")))
            }
        }
    }
}

/// The one certificate of CreateListener and ModifyListener.
pub fn certificate(given: Option<Vec<Certificate>>) -> Result<Option<String>, AwsError> {
    let given = given.unwrap_or_default();
    if given.len() > 1 {
        return Err(error::too_many_certificates_exception(
            "Exactly one certificate must be specified; add others with AddListenerCertificates",
        ));
    }
    if given.iter().any(|certificate| certificate.is_default.is_some()) {
        return Err(invalid("IsDefault cannot be specified for the certificate of a listener"));
    }
    Ok(given.into_iter().next().and_then(|certificate| certificate.certificate_arn))
}

/// Refuses a port that the load balancer listens on already.
pub fn check_port_free(
    snapshot: &Snapshot,
    load_balancer_arn: &str,
    port: u16,
    own: Option<&str>,
) -> Result<(), AwsError> {
    let taken = listeners_of(snapshot, load_balancer_arn)
        .any(|other| other.port == port && own != Some(other.arn.as_str()));
    match taken {
        true => Err(error::duplicate_listener_exception(
            "A listener already exists on this port for this load balancer",
        )),
        false => Ok(()),
    }
}

/// A listener's port.
pub fn port(given: Option<i32>) -> Result<u16, AwsError> {
    let given = given.ok_or_else(|| invalid("A listener port must be specified"))?;
    match u16::try_from(given) {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(invalid(format!("Listener port '{given}' must be between '1-65535' inclusive"))),
    }
}
