//! A forward action: group, target, connection, request, response.
//!
//! A request is sent again only when that is safe: it was never written, or it
//! went over a kept connection that the target closed before the first byte of
//! a response, and repeating it changes nothing (no body, idempotent method).

use std::sync::Arc;

use http::header::{CONNECTION, DATE};
use http::{HeaderValue, Method, Request, Response, Uri, Version};
use hyper::body::Incoming;
use tokio::time::{Duration, Instant, sleep_until};

use super::body::{ReplyBody, RequestBody, Upload, UploadState};
use super::exchange::Exchange;
use super::headers::{self, Hop};
use super::reply::{self, Reply};
use super::{trace_id, upgrade};
use crate::config::{DesyncMode, ProtocolVersion, Stickiness};
use crate::cookies;
use crate::front::connection::Connection;
use crate::observe::{Classification, RequestKind};
use crate::stream::Tally;
use crate::table::{Forward, Listener};
use crate::target::Lease;
use crate::target::choose::Group;
use crate::target::pool::{Http1, Http2, OpenError, Opening};

/// Kept connections tried before a new one is opened.
const REUSE_TRIES: usize = 3;

/// How much longer than the client a target may be silent during an upload.
const UPLOAD_GRACE: Duration = Duration::from_millis(500);

/// Which cookies the response sets.
#[derive(Default)]
struct Stuck {
    /// The group was chosen with target-group stickiness on.
    group: bool,
    /// The request came back to its target by a cookie.
    by_cookie: bool,
}

/// Forwards `request` and relays the response.
pub async fn forward(
    connection: &Arc<Connection>,
    listener: &Arc<Listener>,
    forward: &Forward,
    mut request: Request<Incoming>,
    mut exchange: Box<Exchange>,
) -> Reply {
    let mut stuck = Stuck::default();
    let Some(group) = choose_group(connection, forward, &request, &mut stuck, &mut exchange) else {
        return reply::error(503, exchange);
    };
    exchange.record.target_group = Some(group.config.arn.clone());
    exchange.record.fail_open = group.fail_open;
    if speaks_another_protocol(&group, &request) {
        return reply::error(464, exchange);
    }
    let Some(lease) = choose_target(connection, &group, &request, &mut stuck, &mut exchange) else {
        return reply::error(503, exchange);
    };
    exchange.record.target = Some(lease.target().address);
    let wanted = match request.version() {
        Version::HTTP_2 => None,
        _ => headers::wanted_upgrade(request.headers()),
    };
    let client_upgrade = wanted.is_some().then(|| hyper::upgrade::on(&mut request));
    let attributes = &listener.load_balancer.attributes;
    let idle_timeout = Duration::from_secs(attributes.idle_timeout_secs.into());
    let (request, upload) = outgoing(connection, listener, &group, request, &mut exchange);
    let mut sending = Sending {
        connection,
        group: &group,
        lease: &lease,
        idle_timeout,
        upload: upload.as_deref(),
        exchange: &mut exchange,
    };
    let request = with_upgrade(request, wanted);
    let sent = match group.config.protocol_version {
        ProtocolVersion::Http1 => sending.over_http1(request).await.map(|(r, c)| (r, Some(c))),
        ProtocolVersion::Http2 | ProtocolVersion::Grpc => {
            sending.over_http2(request).await.map(|response| (response, None))
        }
    };
    let (mut response, target_connection) = match sent {
        Ok(sent) => sent,
        Err(status) => {
            if let Some(upload) = &upload {
                exchange.record.received_bytes += upload.received();
            }
            return reply::error(status, exchange);
        }
    };
    exchange.heard = Some(Instant::now());
    exchange.record.target_status = Some(response.status().as_u16());
    if response.status() == http::StatusCode::SWITCHING_PROTOCOLS {
        return match client_upgrade {
            Some(client) => {
                upgrade::switch(connection, client, response, exchange, lease, idle_timeout)
            }
            // The target switched to what nobody asked for.
            None => reply::error(502, exchange),
        };
    }
    towards_client(connection, &group, forward, &lease, &stuck, &mut response);
    // Defensive mode: neither connection is trusted after an ambiguous request.
    let ambiguous = matches!(exchange.record.classification, Some(Classification::Ambiguous(_)));
    let suspect = ambiguous && attributes.desync_mode == DesyncMode::Defensive;
    if suspect {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let kept = target_connection.filter(|_| !suspect);
    exchange.responding(response.status().as_u16());
    exchange.record.sent_bytes = headers::response_head_len(&response);
    response.map(|body| ReplyBody::relay(body, exchange, upload, kept, lease, idle_timeout))
}

fn choose_group(
    connection: &Connection,
    forward: &Forward,
    request: &Request<Incoming>,
    stuck: &mut Stuck,
    exchange: &mut Exchange,
) -> Option<Arc<Group>> {
    if let Some(duration) = forward.stickiness_secs {
        stuck.group = true;
        if let Some(cookie) = cookies::find(request.headers(), cookies::GROUP) {
            let seal = connection.core.seal.load();
            match seal.open_group(cookie, duration, exchange.record.created_at) {
                Some(arn) => {
                    let same = |(_, g): &&(u32, Arc<Group>)| *g.config.arn == *arn;
                    if let Some((_, group)) = forward.groups.iter().find(same) {
                        return Some(group.clone());
                    }
                }
                None => exchange.record.error_reason = Some("AWSALBTGCookieInvalid"),
            }
        }
    }
    if let [(_, only)] = &*forward.groups {
        return Some(only.clone());
    }
    let total: u64 = forward.groups.iter().map(|(weight, _)| u64::from(*weight)).sum();
    let mut point = connection.rng.below(total);
    for (weight, group) in &forward.groups {
        match point.checked_sub(u64::from(*weight)) {
            Some(rest) => point = rest,
            None => return Some(group.clone()),
        }
    }
    None
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

fn choose_target(
    connection: &Connection,
    group: &Group,
    request: &Request<Incoming>,
    stuck: &mut Stuck,
    exchange: &mut Exchange,
) -> Option<Lease> {
    let now = exchange.record.created_at;
    let sticky = match &group.config.stickiness {
        None => None,
        Some(Stickiness::LbCookie { duration_secs }) => {
            let value = cookies::find(request.headers(), cookies::LB)
                .or_else(|| cookies::find(request.headers(), cookies::LB_CORS));
            value.map(|value| (value, *duration_secs))
        }
        Some(Stickiness::AppCookie { name, duration_secs }) => {
            cookies::find(request.headers(), name)
                .and_then(|_| cookies::find(request.headers(), cookies::APP))
                .map(|value| (value, *duration_secs))
        }
    };
    if let Some((value, duration)) = sticky {
        let seal = connection.core.seal.load();
        let bound = seal.open_target(value, &group.config.arn, duration, now);
        if let Some(lease) = bound.and_then(|address| group.stick(address)) {
            stuck.by_cookie = true;
            return Some(lease);
        }
    }
    exchange.record.non_sticky = group.config.stickiness.is_some();
    group.choose(&connection.rng, now)
}

/// The request as the target gets it.
fn outgoing(
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
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    if group.config.protocol_version == ProtocolVersion::Http1 {
        *request.version_mut() = Version::HTTP_11;
        if request.uri().authority().is_some()
            && let Ok(uri) = Uri::try_from(path)
        {
            *request.uri_mut() = uri;
        }
        return;
    }
    *request.version_mut() = Version::HTTP_2;
    let host = request.headers_mut().remove(http::header::HOST);
    let authority = host.as_ref().and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    let uri = Uri::builder()
        .scheme(if group.config.https { "https" } else { "http" })
        .authority(authority)
        .path_and_query(path)
        .build();
    if let Ok(uri) = uri {
        *request.uri_mut() = uri;
    }
}

fn with_upgrade(
    mut request: Request<RequestBody>,
    wanted: Option<HeaderValue>,
) -> Request<RequestBody> {
    if let Some(protocol) = wanted {
        let headers = request.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(http::header::UPGRADE, protocol);
    }
    request
}

/// Sends one request to one target.
struct Sending<'a> {
    connection: &'a Connection,
    group: &'a Group,
    lease: &'a Lease,
    idle_timeout: Duration,
    upload: Option<&'a Upload>,
    exchange: &'a mut Exchange,
}

impl Sending<'_> {
    fn opening(&self) -> Opening<'_> {
        Opening {
            connector: &*self.connection.core.connector,
            observer: &self.connection.core.observer,
            target: self.lease.target(),
            https: self.group.config.https,
        }
    }

    async fn over_http1(
        &mut self,
        mut request: Request<RequestBody>,
    ) -> Result<(Response<Incoming>, Http1), u16> {
        let mut tries = 0;
        loop {
            tries += 1;
            let kept = match tries {
                ..=REUSE_TRIES => self.lease.target().pool.take().await,
                _ => None,
            };
            let mut connection = match kept {
                Some(kept) => kept,
                None => self.opening().http1().await.map_err(status_of)?,
            };
            let spare = (connection.reused && is_repeatable(&request)).then(|| head(&request));
            let read_before = connection.tally.read();
            connection.tally.touch();
            self.exchange.sent = Some(Instant::now());
            let answer = connection.sender.try_send_request(request);
            let failure = match self.wait(answer, Some(&connection.tally)).await? {
                Ok(response) => return Ok((response, connection)),
                Err(failure) => failure,
            };
            let (error, unsent) = failure;
            let untouched = connection.reused && connection.tally.read() == read_before;
            request = match (unsent, spare) {
                (Some(unsent), _) if connection.reused => *unsent,
                (None, Some(spare)) if untouched && !error.is_user() => spare,
                _ => return Err(self.status_of_failure()),
            };
        }
    }

    async fn over_http2(
        &mut self,
        mut request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, u16> {
        for fresh in [false, true] {
            let shared = if fresh { None } else { self.lease.target().pool.share() };
            let mut connection = match shared {
                Some(shared) => shared,
                None => {
                    let opened: Http2 = self.opening().http2().await.map_err(status_of)?;
                    self.lease.target().pool.set_shared(opened.clone());
                    opened
                }
            };
            connection.tally.touch();
            self.exchange.sent = Some(Instant::now());
            let answer = connection.sender.try_send_request(request);
            request = match self.wait(answer, None).await? {
                Ok(response) => return Ok(response),
                Err((_, Some(unsent))) if connection.reused => *unsent,
                Err(_) => return Err(self.status_of_failure()),
            };
        }
        Err(502)
    }

    /// Waits for the response's head as long as bytes move: else 504.
    async fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, TrySendError>>,
        tally: Option<&Tally>,
    ) -> Result<Result<T, (hyper::Error, Option<Box<Request<RequestBody>>>)>, u16> {
        let mut answer = std::pin::pin!(answer);
        let sent = Instant::now();
        // What moves on a shared connection may be others' requests.
        let last_activity = || tally.map_or(sent, Tally::last_activity);
        let mut uploaded = 0;
        let mut deadline = sent + self.idle_timeout;
        loop {
            tokio::select! {
                biased;
                answered = &mut answer => {
                    return Ok(answered.map_err(|mut failure| {
                        let unsent = failure.take_message().map(Box::new);
                        (failure.into_error(), unsent)
                    }));
                }
                () = sleep_until(deadline) => {
                    let mut last = last_activity();
                    if let Some(upload) = self.upload {
                        if upload.received() != uploaded {
                            uploaded = upload.received();
                            last = Instant::now();
                        }
                        if upload.state() == UploadState::Flowing {
                            // The client may be the silent one: it is asked first.
                            last += UPLOAD_GRACE;
                        }
                    }
                    let next = last + self.idle_timeout;
                    if next <= Instant::now() {
                        return Err(504);
                    }
                    deadline = next;
                }
            }
        }
    }

    /// 408 and 400 when the client is to blame, else the target's 502.
    fn status_of_failure(&self) -> u16 {
        match self.upload.map(Upload::state) {
            Some(UploadState::Idle) => 408,
            Some(UploadState::Broken) => 400,
            _ => 502,
        }
    }
}

type TrySendError = hyper::client::conn::TrySendError<Request<RequestBody>>;

fn status_of(error: OpenError) -> u16 {
    tracing::debug!(%error, "no connection to the target");
    match error {
        OpenError::TimedOut => 504,
        OpenError::Refused(_) | OpenError::Tls(_) | OpenError::Protocol(_) => 502,
    }
}

fn is_repeatable(request: &Request<RequestBody>) -> bool {
    let idempotent = request.method().is_idempotent();
    idempotent && matches!(request.body(), RequestBody::Empty)
}

/// A copy of a request without body.
fn head(request: &Request<RequestBody>) -> Request<RequestBody> {
    let mut copy = Request::new(RequestBody::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    copy
}

/// Makes the target's response the client's: hop-by-hop fields, date, cookies.
fn towards_client(
    connection: &Connection,
    group: &Group,
    forward: &Forward,
    lease: &Lease,
    stuck: &Stuck,
    response: &mut Response<Incoming>,
) {
    let core = &connection.core;
    let now = core.clock.now();
    // A target that speaks HTTP/1.0 does not make its client do so.
    *response.version_mut() = Version::HTTP_11;
    let headers = response.headers_mut();
    headers::strip_hop_by_hop(headers);
    if !headers.contains_key(DATE) {
        headers.insert(DATE, reply::date(now));
    }
    let cors = cookies::cors_suffix(connection.tls.is_some());
    if stuck.group && forward.stickiness_secs.is_some() {
        let value = core.seal.load().group(&group.config.arn, now);
        if let Some(value) = value {
            cookies::add(headers, cookies::GROUP, &value, now, "");
            cookies::add(headers, cookies::GROUP_CORS, &value, now, cors);
        }
    }
    let target = lease.target().address;
    let bind = || core.seal.load().target(&group.config.arn, target, now);
    match &group.config.stickiness {
        Some(Stickiness::LbCookie { .. }) => {
            if let Some(value) = bind() {
                cookies::add(headers, cookies::LB, &value, now, "");
                cookies::add(headers, cookies::LB_CORS, &value, now, cors);
            }
        }
        Some(Stickiness::AppCookie { name, .. })
            if stuck.by_cookie || cookies::sets(headers, name) =>
        {
            if let Some(value) = bind() {
                cookies::add(headers, cookies::APP, &value, now, "");
            }
        }
        _ => {}
    }
}

/// The kind of an upgraded request in the log.
pub fn upgraded(kind: RequestKind) -> RequestKind {
    match kind {
        RequestKind::Https => RequestKind::Wss,
        _ => RequestKind::Ws,
    }
}
