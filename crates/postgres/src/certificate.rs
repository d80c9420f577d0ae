//! TLS for every server: one authority for each Neargate, a certificate for
//! each instance. A client that wants to verify trusts the authority, as it
//! would RDS's bundle.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};

use crate::error::PgError;
use crate::launch::User;
use crate::layout::{set_mode, write_for};

const CA_CERTIFICATE: &str = "ca.crt";
const CA_KEY: &str = "ca.key";

/// The authority's certificate in PEM, made if it is not there.
pub(crate) fn authority(ca: &Path) -> Result<String, PgError> {
    let (certificate, key) = (ca.join(CA_CERTIFICATE), ca.join(CA_KEY));
    if key.exists()
        && let Ok(pem) = fs::read_to_string(&certificate)
    {
        return Ok(pem);
    }
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Neargate RDS root CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key_pair = KeyPair::generate()?;
    let pem = params.self_signed(&key_pair)?.pem();
    // The key first: a certificate without its key would be of no use.
    fs::write(&key, key_pair.serialize_pem()).map_err(PgError::io("writing", &key))?;
    set_mode(&key, 0o600)?;
    fs::write(&certificate, &pem).map_err(PgError::io("writing", &certificate))?;
    Ok(pem)
}

/// Makes `server.crt` and `server.key` in a data directory, unless they are
/// there for the same name and address. Returns whether they are new.
pub(crate) fn ensure(
    ca: &Path,
    data: &Path,
    endpoint: &str,
    ip: Ipv4Addr,
    user: User,
) -> Result<bool, PgError> {
    let names = data.join("server.names");
    let wanted = format!("{endpoint} {ip}\n");
    if fs::read_to_string(&names).is_ok_and(|have| have == wanted) {
        return Ok(false);
    }
    let ca_pem = authority(ca)?;
    let ca_key = ca.join(CA_KEY);
    let ca_key = fs::read_to_string(&ca_key).map_err(PgError::io("reading", &ca_key))?;
    let issuer = Issuer::from_ca_cert_pem(&ca_pem, KeyPair::from_pem(&ca_key)?)?;

    let mut params = CertificateParams::new(vec![endpoint.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, endpoint);
    params.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(ip)));
    params.use_authority_key_identifier_extension = true;
    let key_pair = KeyPair::generate()?;
    let certificate = params.signed_by(&key_pair, &issuer)?;
    write_for(&data.join("server.key"), &key_pair.serialize_pem(), user)?;
    write_for(&data.join("server.crt"), &certificate.pem(), user)?;
    // Last: without it, the pair is made again.
    write_for(&names, &wanted, user)
}
