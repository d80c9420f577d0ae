//! HTTP out of this machine, with a bound on requests at once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

const CONNECT: Duration = Duration::from_secs(10);

/// Of a connection that nobody uses.
const IDLE: Duration = Duration::from_secs(20);

/// The longest answer.
const BODY_LIMIT: usize = 64 << 20;

/// Connections to wherever requests go.
pub struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    at_once: Semaphore,
}

impl Transport {
    /// Trusts what this machine trusts; Mozilla's roots where it has none.
    pub fn new(at_once: usize) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Transport { client, at_once: Semaphore::new(at_once.max(1)) })
    }

    /// Sends a request and reads its whole answer, which has to come within `patience`.
    ///
    /// # Errors
    /// The connection's failure, in words.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        patience: Duration,
    ) -> Result<(Parts, Bytes), String> {
        let _turn = self.at_once.acquire().await.map_err(|error| error.to_string())?;
        let uri = request.uri().clone();
        let exchange = async {
            let response = self.client.request(request.map(Full::new)).await;
            let (parts, body) = response.map_err(|error| said(&error, &uri))?.into_parts();
            let body = Limited::new(body, BODY_LIMIT).collect().await;
            Ok((parts, body.map_err(|error| error.to_string())?.to_bytes()))
        };
        let answered = tokio::time::timeout(patience, exchange).await;
        answered.unwrap_or_else(|_| Err(format!("no answer for {} seconds", patience.as_secs())))
    }
}

/// The innermost cause, with the address where that is what failed.
fn said(error: &hyper_util::client::legacy::Error, uri: &Uri) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match uri.authority().filter(|_| error.is_connect()) {
        Some(authority) => format!("connecting to {authority}: {cause}"),
        None => cause.to_string(),
    }
}
