//! What a certificate says of itself, in ACM's words.

use neargate_api::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::Oid;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;

/// What ACM shows of a certificate.
pub struct Facts {
    pub subject: String,
    pub common_name: Option<String>,
    pub issuer: String,
    pub names: Vec<String>,
    pub serial: String,
    pub key_algorithm: String,
    pub signature_algorithm: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub key_usages: Vec<String>,
    pub extended_key_usages: Vec<(String, String)>,
    /// DER.
    pub public_key: Vec<u8>,
}

/// Reads a certificate; `None` when it is none, or of a kind of key that ACM does not take.
pub fn read(der: &[u8]) -> Option<Facts> {
    let (rest, certificate) = parse_x509_certificate(der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let common_name =
        certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    Some(Facts {
        subject: attributes(&certificate.subject().to_string()),
        common_name: common_name.map(str::to_owned),
        issuer: issuer(&certificate),
        names: names(&certificate),
        serial: certificate.raw_serial_as_string(),
        key_algorithm: key_algorithm(&certificate)?,
        signature_algorithm: signature_algorithm(&certificate.signature_algorithm.algorithm),
        not_before: Timestamp::from_secs(certificate.validity().not_before.timestamp()),
        not_after: Timestamp::from_secs(certificate.validity().not_after.timestamp()),
        key_usages: key_usages(&certificate),
        extended_key_usages: extended_key_usages(&certificate),
        public_key: certificate.public_key().raw.to_vec(),
    })
}

/// Whether one certificate is signed by the key of another, which bears its issuer's name.
pub fn is_issued_by(der: &[u8], issuer: &[u8]) -> bool {
    let (Ok((_, certificate)), Ok((_, issuer))) =
        (parse_x509_certificate(der), parse_x509_certificate(issuer))
    else {
        return false;
    };
    certificate.issuer().as_raw() == issuer.subject().as_raw()
        && certificate.verify_signature(Some(issuer.public_key())).is_ok()
}

/// `C=US,CN=x`: ACM has no blanks between a name's attributes.
fn attributes(name: &str) -> String {
    name.replace(", ", ",")
}

/// ACM shows the issuer's organisation, or its common name where it has none.
fn issuer(certificate: &X509Certificate<'_>) -> String {
    let issuer = certificate.issuer();
    let organisation = issuer.iter_organization().next();
    let shown = organisation.or_else(|| issuer.iter_common_name().next());
    shown.and_then(|name| name.as_str().ok()).unwrap_or_default().to_owned()
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let dns = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(dns).collect()
}

fn key_algorithm(certificate: &X509Certificate<'_>) -> Option<String> {
    match certificate.public_key().parsed().ok()? {
        PublicKey::RSA(key) => match key.key_size() {
            bits @ (1024 | 2048 | 3072 | 4096) => Some(format!("RSA_{bits}")),
            _ => None,
        },
        PublicKey::EC(key) => match key.key_size() {
            256 => Some("EC_prime256v1".into()),
            384 => Some("EC_secp384r1".into()),
            _ => None,
        },
        _ => None,
    }
}

fn signature_algorithm(oid: &Oid<'_>) -> String {
    let shown = match oid.to_id_string().as_str() {
        "1.2.840.113549.1.1.5" => "SHA1WITHRSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA256WITHRSA",
        "1.2.840.113549.1.1.12" => "SHA384WITHRSA",
        "1.2.840.113549.1.1.13" => "SHA512WITHRSA",
        "1.2.840.10045.4.3.2" => "SHA256WITHECDSA",
        "1.2.840.10045.4.3.3" => "SHA384WITHECDSA",
        "1.2.840.10045.4.3.4" => "SHA512WITHECDSA",
        other => return other.to_owned(),
    };
    shown.to_owned()
}

fn key_usages(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(usage)) = certificate.key_usage() else { return Vec::new() };
    let usage = usage.value;
    let all = [
        (usage.digital_signature(), "DIGITAL_SIGNATURE"),
        (usage.non_repudiation(), "NON_REPUDIATION"),
        (usage.key_encipherment(), "KEY_ENCIPHERMENT"),
        (usage.data_encipherment(), "DATA_ENCIPHERMENT"),
        (usage.key_agreement(), "KEY_AGREEMENT"),
        (usage.key_cert_sign(), "CERTIFICATE_SIGNING"),
        (usage.crl_sign(), "CRL_SIGNING"),
        (usage.encipher_only(), "ENCIPHER_ONLY"),
        (usage.decipher_only(), "DECIPHER_ONLY"),
    ];
    all.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned()).collect()
}

fn extended_key_usages(certificate: &X509Certificate<'_>) -> Vec<(String, String)> {
    let extensions = certificate.extensions().iter();
    let usage = extensions
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::ExtendedKeyUsage(usage) => Some(usage),
            _ => None,
        })
        .next();
    let Some(usage) = usage else { return Vec::new() };
    let known = [
        (usage.any, "ANY", "2.5.29.37.0"),
        (usage.server_auth, "TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "TLS_WEB_CLIENT_AUTHENTICATION", "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "CODE_SIGNING", "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "TIME_STAMPING", "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "OCSP_SIGNING", "1.3.6.1.5.5.7.3.9"),
    ];
    let known = known.into_iter().filter(|(set, ..)| *set);
    let known = known.map(|(_, name, oid)| (name.to_owned(), oid.to_owned()));
    let custom = usage.other.iter().map(|oid| ("CUSTOM".to_owned(), oid.to_id_string()));
    known.chain(custom).collect()
}
