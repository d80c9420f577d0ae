//! The request as the target gets it: headers, trace id, address line.

use std::sync::Arc;

use http::header::{CONNECTION, HOST, HeaderValue, UPGRADE};
use http::{Request, Uri, Version};
use hyper::body::Incoming;
use tokio::time::Duration;

use super::body::{RequestBody, Upload};
use super::exchange::Exchange;
use super::headers::{self, Hop};
use super::trace_id;
use crate::config::ProtocolVersion;
use crate::front::connection::Connection;
use crate::table::Listener;
use crate::target::choose::Group;

/// "If the HTTP headers are greater than 7 KB, the load balancer rewrites the
/// X-Amzn-Trace-Id header with a Root field."
const TRACED_HEAD_MAX: u64 = 7 * 1024;

/// The request as the target gets it.
pub fn outgoing(
    connection: &Connection,
    listener: &Listener,
    group: &Group,
    request: Request<Incoming>,
    exchange: &mut Exchange,
) -> (Request<RequestBody>, Option<Arc<Upload>>) {
    let attributes = &listener.load_balancer.attributes;
    let (parts, incoming) = request.into_parts();
    let idle_timeout = Duration::from_secs(attributes.idle_timeout_secs.into());
    let (body, upload) = RequestBody::new(incoming, idle_timeout);
    let mut request = Request::from_parts(parts, body);
    exchange.record.invalid_headers = !request.headers().keys().all(headers::is_valid_name);
    if exchange.record.invalid_headers && attributes.drop_invalid_header_fields {
        exchange.record.dropped_invalid_headers = true;
        headers::drop_invalid(request.headers_mut());
    }
    let hop = Hop {
        attributes,
        client: connection.client,
        local: connection.local.ip(),
        listener_port: listener.port,
        tls: connection.tls.as_ref().map(|tls| (tls.protocol, tls.cipher)),
    };
    headers::towards_target(&mut request, &hop);
    let given = request.headers().get(headers::X_AMZN_TRACE_ID).and_then(|v| v.to_str().ok());
    let given = given.filter(|_| exchange.record.received_bytes <= TRACED_HEAD_MAX);
    let trace = trace_id::next(given, exchange.record.created_at, &connection.rng);
    if let Ok(value) = HeaderValue::from_str(&trace) {
        request.headers_mut().insert(headers::X_AMZN_TRACE_ID, value);
    }
    exchange.record.trace_id = trace;
    address(&mut request, group);
    (request, upload)
}

/// Target and version of the request line, or the pseudo-headers of HTTP/2.
fn address(request: &mut Request<RequestBody>, group: &Group) {
    if group.config.protocol_version == ProtocolVersion::Http1 {
        *request.version_mut() = Version::HTTP_11;
        if request.uri().authority().is_some() {
            let mut parts = http::uri::Parts::default();
            parts.path_and_query = request.uri().path_and_query().cloned();
            *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        }
        return;
    }
    *request.version_mut() = Version::HTTP_2;
    let host = request.headers_mut().remove(HOST);
    let authority = host.as_ref().and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    let uri = Uri::builder()
        .scheme(if group.config.https { "https" } else { "http" })
        .authority(authority)
        .path_and_query(request.uri().path_and_query().map_or("/", |p| p.as_str()))
        .build();
    if let Ok(uri) = uri {
        *request.uri_mut() = uri;
    }
}

/// Asks the target for the protocol that the client asked for.
pub fn with_upgrade(
    mut request: Request<RequestBody>,
    wanted: Option<HeaderValue>,
) -> Request<RequestBody> {
    if let Some(protocol) = wanted {
        let headers = request.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol);
    }
    request
}
