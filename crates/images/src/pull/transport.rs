//! HTTP out of this machine: connections, TLS, redirects, and errors in the
//! words of Go's net package, which are those that users of AWS know.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION};
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::proxy::{Dialer, Proxies};

const CONNECT: Duration = Duration::from_secs(10);

/// Until the first byte of an answer, and between any two parts of its body.
const IDLE: Duration = Duration::from_secs(30);

const MAX_REDIRECTS: usize = 5;

#[derive(Clone)]
pub struct Transport {
    client: Client<HttpsConnector<Dialer>, Empty<Bytes>>,
}

impl Transport {
    /// Trusts what this machine trusts; Mozilla's roots where it has none.
    pub fn new(proxies: Proxies) -> io::Result<Self> {
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
            .wrap_connector(Dialer::new(tcp, proxies));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(hyper_util::rt::TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Transport { client })
    }

    /// Sends a request and follows redirects. Credentials stay with the host
    /// that they are for.
    pub async fn send(
        &self,
        method: &Method,
        url: &str,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, String> {
        let mut headers = headers.clone();
        let mut url: Uri = url.parse().map_err(|error| format!("parse \"{url}\": {error}"))?;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.once(method, &url, &headers).await?;
            let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
            let (true, Some(location)) = (response.status().is_redirection(), location) else {
                return Ok(response);
            };
            let next = joined(&url, location).ok_or_else(|| {
                format!("{} \"{url}\": the redirect to \"{location}\" leads nowhere", verb(method))
            })?;
            if next.authority() != url.authority() || next.scheme() != url.scheme() {
                headers.remove(AUTHORIZATION);
            }
            url = next;
        }
        Err(format!("{} \"{url}\": stopped after {MAX_REDIRECTS} redirects", verb(method)))
    }

    async fn once(
        &self,
        method: &Method,
        url: &Uri,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, String> {
        let failed = |why: String| format!("{} \"{url}\": {why}", verb(method));
        let mut request = Request::new(Empty::new());
        *request.method_mut() = method.clone();
        *request.uri_mut() = url.clone();
        *request.headers_mut() = headers.clone();
        match tokio::time::timeout(IDLE, self.client.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failed(said(&error, url))),
            Err(_) => Err(failed("net/http: timeout awaiting response headers".into())),
        }
    }
}

/// The next part of a body; nothing at its end.
pub async fn next(body: &mut Incoming) -> Result<Option<Bytes>, String> {
    loop {
        let frame = tokio::time::timeout(IDLE, body.frame()).await;
        match frame.map_err(|_| "i/o timeout".to_string())? {
            None => return Ok(None),
            Some(Err(error)) if error.is_incomplete_message() => {
                return Err("unexpected EOF".into());
            }
            Some(Err(error)) => return Err(error.to_string()),
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}

/// A whole body, of at most `limit` bytes.
pub async fn collect(mut body: Incoming, limit: u64) -> Result<Bytes, String> {
    let mut collected = Vec::new();
    while let Some(bytes) = next(&mut body).await? {
        if (collected.len() + bytes.len()) as u64 > limit {
            return Err(format!("the answer has more than {limit} bytes"));
        }
        collected.extend_from_slice(&bytes);
    }
    Ok(collected.into())
}

/// Go writes methods as `Head` and `Get`.
fn verb(method: &Method) -> &'static str {
    if *method == Method::HEAD { "Head" } else { "Get" }
}

/// A redirect's target: absolute, or a path on the same host.
fn joined(base: &Uri, location: &str) -> Option<Uri> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return location.parse().ok();
    }
    let path = location.starts_with('/').then_some(location)?;
    format!("{}://{}{path}", base.scheme_str()?, base.authority()?).parse().ok()
}

/// The innermost cause, in Go's words.
fn said(error: &hyper_util::client::legacy::Error, url: &Uri) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let host = url.host().unwrap_or_default();
    let default_port = if url.scheme_str() == Some("http") { 80 } else { 443 };
    let port = url.port_u16().unwrap_or(default_port);
    let text = cause.to_string();
    let is = |kind| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == kind);
    if error.source().is_some_and(|e| e.to_string().contains("dns error"))
        || text.contains("failed to lookup address")
    {
        format!("dial tcp: lookup {host}: no such host")
    } else if is(io::ErrorKind::ConnectionRefused) {
        format!("dial tcp {host}:{port}: connect: connection refused")
    } else if is(io::ErrorKind::TimedOut) || text.contains("deadline has elapsed") {
        format!("dial tcp {host}:{port}: i/o timeout")
    } else if error.is_connect() {
        format!("dial tcp {host}:{port}: {text}")
    } else {
        text
    }
}
