//! A forward action: group, target, request, response.
//!
//! A request whose target takes no connection goes to the next one of the group: between the
//! death of a task and the news of it, only what that task was answering is lost. Nothing of such
//! a request has been written, so that this is safe for every method. Only when none takes it is
//! the answer AWS's 502.

use std::sync::Arc;

use http::header::{CONNECTION, DATE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use tokio::time::{Duration, Instant};

use super::body::{ReplyBody, RequestBody, Upload};
use super::exchange::Exchange;
use super::outgoing::{outgoing, with_upgrade};
use super::reply::{self, Reply};
use super::send::{Sending, Unanswered};
use super::{headers, stick, upgrade};
use crate::config::{DesyncMode, ProtocolVersion};
use crate::front::connection::Connection;
use crate::observe::Classification;
use crate::table::{Forward, Listener};
use crate::target::Lease;
use crate::target::choose::Group;
use crate::target::pool::Http1;

/// Forwards `request` and relays the response.
pub async fn forward(
    connection: &Arc<Connection>,
    listener: &Arc<Listener>,
    forward: &Forward,
    mut request: Request<Incoming>,
    mut exchange: Box<Exchange>,
) -> Reply {
    let Some(group) = stick::choose_group(connection, forward, &request, &mut exchange) else {
        return reply::error(503, exchange);
    };
    exchange.record.target_group = Some(group.config.arn.clone());
    exchange.record.fail_open = group.fail_open;
    if speaks_another_protocol(&group, &request) {
        return reply::error(464, exchange);
    }
    let chosen = stick::choose_target(connection, &group, &request, &mut exchange);
    let Some((lease, came_by_cookie)) = chosen else {
        return reply::error(503, exchange);
    };

    let wanted = match request.version() {
        Version::HTTP_2 => None,
        _ => headers::wanted_upgrade(request.headers()),
    };
    let client_upgrade = wanted.is_some().then(|| hyper::upgrade::on(&mut request));
    let attributes = &listener.load_balancer.attributes;
    let idle_timeout = Duration::from_secs(attributes.idle_timeout_secs.into());
    let (request, upload) = outgoing(connection, listener, &group, request, &mut exchange);
    let attempt = Attempt { connection, group: &group, idle_timeout, upload: upload.as_deref() };
    let sent = attempt.send(with_upgrade(request, wanted), lease, &mut exchange).await;
    let (mut response, kept, lease) = match sent {
        Ok(sent) => sent,
        Err(status) => {
            exchange.record.received_bytes += upload.map_or(0, |upload| upload.received());
            return reply::error(status, exchange);
        }
    };

    exchange.heard = Some(Instant::now());
    exchange.record.target_status = Some(response.status().as_u16());
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return match client_upgrade {
            Some(client) => {
                upgrade::switch(connection, client, response, exchange, lease, idle_timeout)
            }
            // The target switched to what nobody asked for.
            None => reply::error(502, exchange),
        };
    }
    exchange.responding(response.status().as_u16());
    let now = exchange.record.responded_at;
    clean(&mut response, now);
    let headers = response.headers_mut();
    stick::set_cookies(connection, forward, &group, &lease, came_by_cookie, now, headers);
    let suspect = is_suspect(&exchange, attributes.desync_mode);
    if suspect {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let kept = kept.filter(|_| !suspect);
    exchange.record.sent_bytes = headers::response_head_len(&response);
    response.map(|body| ReplyBody::relay(body, exchange, upload, kept, lease, idle_timeout))
}

/// What is the same whichever target takes the request.
struct Attempt<'a> {
    connection: &'a Arc<Connection>,
    group: &'a Group,
    idle_timeout: Duration,
    upload: Option<&'a Upload>,
}

impl Attempt<'_> {
    /// The response of the first target that takes a connection, and its place there; or the
    /// status to answer with instead.
    async fn send(
        &self,
        request: Request<RequestBody>,
        mut lease: Lease,
        exchange: &mut Exchange,
    ) -> Result<(Response<Incoming>, Option<Http1>, Lease), u16> {
        let mut request = Box::new(request);
        let mut refused = Vec::new();
        loop {
            exchange.record.target = Some(lease.target().address);
            let sending = Sending {
                connection: self.connection,
                group: self.group,
                lease: &lease,
                idle_timeout: self.idle_timeout,
                upload: self.upload,
                exchange,
            };
            match sending.send(*request).await {
                Ok((response, kept)) => return Ok((response, kept, lease)),
                Err(Unanswered::Status(status)) => return Err(status),
                Err(Unanswered::Refused(unsent)) => {
                    refused.push(lease.target().address);
                    lease = self.group.choose_beside(&refused).ok_or(502_u16)?;
                    request = unsent;
                }
            }
        }
    }
}

/// AWS's 464: see the table under "Protocol version" in the guide.
fn speaks_another_protocol(group: &Group, request: &Request<Incoming>) -> bool {
    let http2 = request.version() == Version::HTTP_2;
    match group.config.protocol_version {
        ProtocolVersion::Http1 => http2 && headers::is_grpc(request.headers()),
        ProtocolVersion::Http2 => !http2,
        ProtocolVersion::Grpc => !http2 || request.method() != Method::POST,
    }
}

/// Removes from the target's response what is not for the client.
fn clean(response: &mut Response<Incoming>, now: neargate_ids::Timestamp) {
    // A target that speaks HTTP/1.0 does not make its client do so.
    *response.version_mut() = Version::HTTP_11;
    let headers = response.headers_mut();
    headers::strip_hop_by_hop(headers);
    if !headers.contains_key(DATE) {
        headers.insert(DATE, reply::date(now));
    }
}

/// Defensive mode: neither connection is trusted after an ambiguous request.
fn is_suspect(exchange: &Exchange, mode: DesyncMode) -> bool {
    let ambiguous = matches!(exchange.record.classification, Some(Classification::Ambiguous(_)));
    ambiguous && mode == DesyncMode::Defensive
}
