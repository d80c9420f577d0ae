//! Posts a message to an endpoint by HTTP or HTTPS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore, crypto};

/// AWS waits so long for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

pub struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// A request, without what all have in common.
pub struct Post {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// Why an endpoint has not taken a message.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub why: String,
    /// Whether it may take it later: AWS does not ask again after a client's error.
    pub may_pass: bool,
}

impl Sender {
    /// Trusts what this machine trusts.
    pub fn new() -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let tls = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Sender { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    pub async fn post(&self, post: Post) -> Result<(), Refusal> {
        match tokio::time::timeout(PATIENCE, self.answered(post)).await {
            Ok(answered) => answered,
            Err(_) => Err(Refusal {
                why: format!("no answer within {} s", PATIENCE.as_secs()),
                may_pass: true,
            }),
        }
    }

    async fn answered(&self, post: Post) -> Result<(), Refusal> {
        let for_good = |why: String| Refusal { why, may_pass: false };
        let uri: Uri = post.url.parse().map_err(|_| for_good("the endpoint is no URL".into()))?;
        let mut request = Request::post(&uri).header("user-agent", AGENT);
        for (name, value) in &post.headers {
            request = request.header(*name, value);
        }
        if let Some(authorization) = basic(&uri) {
            request = request.header("authorization", authorization);
        }
        let request = request.body(Full::from(post.body));
        let request = request.map_err(|error| for_good(error.to_string()))?;
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| Refusal { why: causes(&error), may_pass: true })?;
        let status = response.status();
        // Read to its end, so that the connection can be used again.
        let _ = http_body_util::Limited::new(response.into_body(), 64 * 1024).collect().await;
        match status.as_u16() {
            200..=299 => Ok(()),
            code @ 400..=499 if code != 429 => Err(for_good(format!("it answered {status}"))),
            _ => Err(Refusal { why: format!("it answered {status}"), may_pass: true }),
        }
    }
}

const AGENT: &str = "Amazon Simple Notification Service Agent";

/// `http://user:password@host/` asks for basic authentication.
fn basic(uri: &Uri) -> Option<String> {
    use base64::Engine;
    let (user, _) = uri.authority()?.as_str().rsplit_once('@')?;
    Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user)))
}

/// An error with its causes: the last one is what helps.
fn causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        told.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    told
}
