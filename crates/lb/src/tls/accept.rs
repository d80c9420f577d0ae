//! The listener's side: versions by policy, the certificate by SNI.

use std::sync::Arc;

use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    CipherSuite, HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection,
    SupportedProtocolVersion, version,
};

use crate::config::{Certificate, Tls};
use crate::observe::TlsFacts;

/// Why a listener cannot be secured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    #[error("an HTTPS listener needs a certificate")]
    NoCertificate,
    #[error("certificate {arn} cannot be used: {reason}")]
    Certificate { arn: Arc<str>, reason: String },
}

/// The versions that a policy (`ELBSecurityPolicy-…`) allows and that are
/// spoken here.
fn versions(policy: &str) -> Vec<&'static SupportedProtocolVersion> {
    if policy.contains("TLS13-1-3-") {
        vec![&version::TLS13]
    } else if policy.contains("TLS13-") {
        vec![&version::TLS13, &version::TLS12]
    } else {
        vec![&version::TLS12]
    }
}

/// What accepts the connections of one HTTPS listener.
pub struct Acceptor {
    pub config: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
}

impl Acceptor {
    /// Parses the certificates; `http2` offers h2 by ALPN.
    pub fn new(tls: &Tls, http2: bool) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let parsed: Result<Vec<Served>, TlsError> =
            tls.certificates.iter().map(Served::parse).collect();
        let certificates = Arc::new(Certificates(parsed?));
        if certificates.0.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions(&tls.policy))
            .expect("ring has suites for both versions")
            .with_no_client_auth()
            .with_cert_resolver(certificates.clone());
        let h2: &[&[u8]] = if http2 { &[b"h2"] } else { &[] };
        config.alpn_protocols =
            h2.iter().chain(&[b"http/1.1".as_slice()]).map(|p| p.to_vec()).collect();
        if let Ok(ticketer) = ring::Ticketer::new() {
            config.ticketer = ticketer;
        }
        Ok(Acceptor { config: Arc::new(config), certificates })
    }

    /// Whether a certificate of this listener names `host`.
    pub fn names(&self, host: &str) -> bool {
        self.certificates.named(host).is_some()
    }

    /// What the access log says of an accepted connection.
    pub fn facts(&self, connection: &ServerConnection) -> TlsFacts {
        let sni = connection.server_name();
        let named = sni.and_then(|name| self.certificates.named(name));
        let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
        let (cipher, protocol) = facts(connection);
        TlsFacts {
            cipher,
            protocol,
            sni: named.and(sni).map(str::to_owned),
            certificate_arn: (!resumed)
                .then(|| named.unwrap_or(&self.certificates.0[0]).arn.clone()),
        }
    }
}

struct Served {
    arn: Arc<str>,
    key: Arc<CertifiedKey>,
}

impl Served {
    fn parse(certificate: &Certificate) -> Result<Self, TlsError> {
        let wrong = |reason: String| TlsError::Certificate { arn: certificate.arn.clone(), reason };
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(certificate.chain_pem.as_bytes())
                .collect::<Result<_, _>>()
                .map_err(|e| wrong(format!("its chain is not PEM: {e}")))?;
        if chain.is_empty() {
            return Err(wrong("its chain is empty".into()));
        }
        let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes())
            .map_err(|e| wrong(format!("its key is not PEM: {e}")))?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(|e| wrong(e.to_string()))?;
        Ok(Served { arn: certificate.arn.clone(), key: Arc::new(key) })
    }

    fn is_for(&self, name: &ServerName<'_>) -> bool {
        let Some(leaf) = self.key.cert.first() else { return false };
        ParsedCertificate::try_from(leaf).is_ok_and(|leaf| verify_server_name(&leaf, name).is_ok())
    }
}

/// The default first.
struct Certificates(Vec<Served>);

impl Certificates {
    fn named(&self, host: &str) -> Option<&Served> {
        let name = ServerName::try_from(host).ok()?;
        self.0.iter().find(|served| served.is_for(&name))
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|served| &served.arn)).finish()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().and_then(|name| self.named(name));
        named.or(self.0.first()).map(|served| served.key.clone())
    }
}

/// Cipher and protocol in OpenSSL's names.
fn facts(connection: &ServerConnection) -> (&'static str, &'static str) {
    let protocol = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "TLSv1.2",
    };
    let cipher = match connection.negotiated_cipher_suite().map(|s| s.suite()) {
        Some(CipherSuite::TLS13_AES_128_GCM_SHA256) => "TLS_AES_128_GCM_SHA256",
        Some(CipherSuite::TLS13_AES_256_GCM_SHA384) => "TLS_AES_256_GCM_SHA384",
        Some(CipherSuite::TLS13_CHACHA20_POLY1305_SHA256) => "TLS_CHACHA20_POLY1305_SHA256",
        Some(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) => {
            "ECDHE-ECDSA-AES128-GCM-SHA256"
        }
        Some(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384) => {
            "ECDHE-ECDSA-AES256-GCM-SHA384"
        }
        Some(CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256) => {
            "ECDHE-ECDSA-CHACHA20-POLY1305"
        }
        Some(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256) => "ECDHE-RSA-AES128-GCM-SHA256",
        Some(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) => "ECDHE-RSA-AES256-GCM-SHA384",
        Some(CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256) => {
            "ECDHE-RSA-CHACHA20-POLY1305"
        }
        _ => "-",
    };
    (cipher, protocol)
}
