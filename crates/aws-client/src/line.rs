//! One attempt: a request is signed, sent, and its answer taken as it is. What is
//! shared by all calls of a client, its connections and the clock among them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use neargate_ids::{Clock, Timestamp};
use neargate_sigv4::{Signer, SigningKeys, sign};

use crate::credentials::Identity;
use crate::endpoint::Endpoints;
use crate::request::Request;
use crate::transport::Transport;

/// How long an operation may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What carries requests.
pub struct Line {
    transport: Transport,
    pub endpoints: Endpoints,
    pub region: String,
    keys: SigningKeys,
    clock: Clock,
    /// By how much the services' clock is ahead of this machine's.
    skew_ms: AtomicI64,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Line {
    pub fn new(transport: Transport, endpoints: Endpoints, region: String, clock: Clock) -> Self {
        let (keys, skew_ms) = (SigningKeys::default(), AtomicI64::new(0));
        Line { transport, endpoints, region, keys, clock, skew_ms }
    }

    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The services' time, as far as it is known.
    pub fn now(&self) -> Timestamp {
        self.clock.wall().plus_millis(self.skew_ms.load(Ordering::Relaxed))
    }

    /// How far this machine's clock is off from the answer's, in milliseconds.
    pub fn skew_of(&self, reply: &Reply) -> Option<i64> {
        let date = reply.headers.get("date")?.to_str().ok()?;
        Some(Timestamp::parse_http_date(date)?.millis_since(self.clock.wall()))
    }

    /// Goes by the services' clock from now on; whether that is another than before.
    pub fn correct(&self, skew_ms: i64) -> bool {
        let before = self.skew_ms.swap(skew_ms, Ordering::Relaxed);
        (before - skew_ms).abs() > 60_000
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// Why nothing came back, in words.
    pub async fn send(&self, request: &Request, identity: &Identity) -> Result<Reply, Unsent> {
        let uri = format!("{}{}", request.endpoint.url, request.path);
        let mut built = http::Request::builder().method(&request.method).uri(&uri);
        for (name, value) in &request.headers {
            built = built.header(*name, value);
        }
        let built = built.body(()).map_err(|e| Unsent::Never(format!("{uri}: {e}")))?;
        let (mut parts, ()) = built.into_parts();
        let signer = Signer {
            access_key_id: &identity.access_key_id,
            secret_access_key: &identity.secret_access_key,
            session_token: identity.session_token.as_deref(),
            region: &request.endpoint.region,
            service: request.signing_name,
            keys: &self.keys,
        };
        sign(&mut parts, &request.body, &signer, self.now())
            .map_err(|e| Unsent::Never(format!("its credentials fit in no header: {e}")))?;
        let agent = concat!("neargate/", env!("CARGO_PKG_VERSION"));
        parts.headers.insert("user-agent", http::HeaderValue::from_static(agent));
        let sent = http::Request::from_parts(parts, request.body.clone());
        let (parts, body) = self.transport.send(sent, PATIENCE).await.map_err(Unsent::Broken)?;
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum Unsent {
    /// It could not be made into a request.
    #[error("{0}")]
    Never(String),
    #[error("{0}")]
    Broken(String),
}
