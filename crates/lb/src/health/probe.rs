//! One health check of one target: connect, ask, read the status, hang up.
//!
//! Each check has its own connection, as AWS's have, and nothing of the
//! response but its head (and gRPC's trailers) is read.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HOST, HeaderMap, TE, USER_AGENT};
use http::{Method, Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::{Duration, timeout};

use super::ProbeResult;
use crate::config::{HealthCheck, ProtocolVersion};
use crate::connect::Connector;
use crate::stream::Stream;
use crate::tls;

/// Everything that a check needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub load_balancer: Arc<str>,
    /// Where the target gets its traffic.
    pub target: SocketAddr,
    pub protocol_version: ProtocolVersion,
    pub config: HealthCheck,
}

/// Makes the check, within its timeout.
pub async fn probe(connector: &dyn Connector, check: &Check) -> ProbeResult {
    let limit = Duration::from_secs(check.config.timeout_secs.into());
    match timeout(limit, ask(connector, check)).await {
        Err(_) => ProbeResult::TimedOut,
        Ok(Ok(code)) => ProbeResult::Code(code),
        Ok(Err(error)) => {
            tracing::debug!(target = %check.target, %error, "health check");
            ProbeResult::Failed
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Request(#[from] http::Error),
    #[error("the response has no gRPC status")]
    NoGrpcStatus,
}

async fn ask(connector: &dyn Connector, check: &Check) -> Result<u16, AskError> {
    let port = check.config.port.unwrap_or(check.target.port());
    let address = SocketAddr::new(check.target.ip(), port);
    let tcp = connector.connect(&check.load_balancer, address).await?;
    let http2 = check.protocol_version != ProtocolVersion::Http1;
    let stream = if check.config.https {
        tls::to_target(tcp, address.ip(), http2).await?
    } else {
        Stream::Plain(tcp)
    };
    let request = request(check, address)?;
    let io = TokioIo::new(stream);
    // The connection is driven beside the request, and dropped with it.
    if http2 {
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
        let asking = async { code(check, sender.send_request(request).await?).await };
        beside(connection, asking).await
    } else {
        let (mut sender, connection) = http1::handshake(io).await?;
        let asking = async { code(check, sender.send_request(request).await?).await };
        beside(connection, asking).await
    }
}

async fn beside<T>(
    connection: impl Future<Output = Result<(), hyper::Error>>,
    asking: impl Future<Output = Result<T, AskError>>,
) -> Result<T, AskError> {
    let mut asking = std::pin::pin!(asking);
    tokio::select! {
        biased;
        answered = &mut asking => answered,
        _ = connection => asking.await,
    }
}

fn request(check: &Check, address: SocketAddr) -> Result<Request<Full<Bytes>>, http::Error> {
    let path = &check.config.path;
    let builder = Request::builder().header(USER_AGENT, "ELB-HealthChecker/2.0");
    let scheme = if check.config.https { "https" } else { "http" };
    let absolute = format!("{scheme}://{address}{path}");
    match check.protocol_version {
        ProtocolVersion::Http1 => builder
            .uri(path)
            .header(HOST, address.to_string())
            .header(CONNECTION, "close")
            .header(ACCEPT_ENCODING, "gzip, compressed")
            .body(Full::default()),
        ProtocolVersion::Http2 => {
            builder.version(Version::HTTP_2).uri(absolute).body(Full::default())
        }
        // An empty message: no compression, length 0.
        ProtocolVersion::Grpc => builder
            .method(Method::POST)
            .version(Version::HTTP_2)
            .uri(absolute)
            .header(CONTENT_TYPE, "application/grpc")
            .header(TE, "trailers")
            .body(Full::from(Bytes::from_static(&[0; 5]))),
    }
}

async fn code(check: &Check, response: Response<Incoming>) -> Result<u16, AskError> {
    if check.protocol_version != ProtocolVersion::Grpc {
        return Ok(response.status().as_u16());
    }
    let in_fields = |fields: &HeaderMap| -> Option<u16> {
        fields.get("grpc-status")?.to_str().ok()?.parse().ok()
    };
    if let Some(code) = in_fields(response.headers()) {
        return Ok(code);
    }
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        if let Some(code) = frame?.trailers_ref().and_then(in_fields) {
            return Ok(code);
        }
    }
    Err(AskError::NoGrpcStatus)
}
