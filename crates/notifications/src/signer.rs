//! Signs what endpoints are sent, with a key of this Neargate's own: RSA with SHA1, or with SHA256
//! where the topic says so. Its certificate is served at the edge, where the messages point to.
//!
//! The key is made when it is first needed (it takes a moment), and kept in `DIR/sns/`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};

const BITS: usize = 2048;
const PATH_BEGIN: &str = "/SimpleNotificationService-";

/// What stands before a digest in a signature of PKCS #1 1.5: its algorithm, in DER (RFC 8017).
const SHA1_PREFIX: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// A signature, and how it is checked.
pub struct Signed {
    /// `1` or `2`
    pub version: &'static str,
    pub signature: String,
    pub certificate_url: String,
}

pub struct Signer {
    directory: PathBuf,
    identity: Mutex<Option<Identity>>,
}

#[derive(Clone)]
struct Identity {
    key: RsaPrivateKey,
    /// PEM.
    certificate: String,
}

/// Whether a path of the edge is that of a certificate.
pub fn is_certificate_path(path: &str) -> bool {
    path.starts_with(PATH_BEGIN) && path.ends_with(".pem")
}

impl Signer {
    pub fn new(directory: PathBuf) -> Self {
        Signer { directory, identity: Mutex::new(None) }
    }

    /// Signs a text. Blocks while a key is made.
    pub fn sign(&self, text: &str, is_version_2: bool, own_url: &str) -> io::Result<Signed> {
        let identity = self.identity()?;
        let (version, algorithm, prefix) = match is_version_2 {
            true => ("2", &SHA256, &SHA256_PREFIX[..]),
            false => ("1", &SHA1_FOR_LEGACY_USE_ONLY, &SHA1_PREFIX[..]),
        };
        let hash = digest(algorithm, text.as_bytes());
        let padding =
            Pkcs1v15Sign { hash_len: Some(hash.as_ref().len()), prefix: prefix.to_vec().into() };
        let signature = identity
            .key
            .sign_with_rng(&mut OsRng, padding, hash.as_ref())
            .map_err(io::Error::other)?;
        Ok(Signed {
            version,
            signature: BASE64.encode(signature),
            certificate_url: format!("{own_url}{}", path_of(&identity.certificate)),
        })
    }

    /// The certificate in PEM, if `path` is where it is served.
    pub fn certificate(&self, path: &str) -> io::Result<Option<String>> {
        let certificate = self.identity()?.certificate;
        Ok((path_of(&certificate) == path).then_some(certificate))
    }

    fn identity(&self) -> io::Result<Identity> {
        let mut identity = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(identity) = &*identity {
            return Ok(identity.clone());
        }
        let found = match kept(&self.directory)? {
            Some(kept) => kept,
            None => made(&self.directory)?,
        };
        *identity = Some(found.clone());
        Ok(found)
    }
}

/// Where the certificate is served: its name changes with it.
fn path_of(certificate: &str) -> String {
    let hash = digest(&SHA256, certificate.as_bytes());
    let name: String = hash.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{PATH_BEGIN}{name}.pem")
}

fn kept(directory: &Path) -> io::Result<Option<Identity>> {
    let (key, certificate) = (directory.join("key.der"), directory.join("certificate.pem"));
    if !key.exists() || !certificate.exists() {
        return Ok(None);
    }
    let key = RsaPrivateKey::from_pkcs8_der(&std::fs::read(key)?).map_err(io::Error::other)?;
    Ok(Some(Identity { key, certificate: std::fs::read_to_string(certificate)? }))
}

fn made(directory: &Path) -> io::Result<Identity> {
    let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(io::Error::other)?;
    let der = key.to_pkcs8_der().map_err(io::Error::other)?;
    let pair = rustls::pki_types::PrivatePkcs8KeyDer::from(der.as_bytes());
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pair, &PKCS_RSA_SHA256);
    let pair = pair.map_err(io::Error::other)?;
    let mut params =
        CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, "sns.amazonaws.com");
    params.distinguished_name.push(DnType::OrganizationName, "Neargate");
    let certificate = params.self_signed(&pair).map_err(io::Error::other)?.pem();
    std::fs::create_dir_all(directory)?;
    write_private(&directory.join("key.der"), der.as_bytes())?;
    // Last: with it the pair is whole.
    std::fs::write(directory.join("certificate.pem"), &certificate)?;
    Ok(Identity { key, certificate })
}

/// Writes a file that only its owner reads.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)
}
