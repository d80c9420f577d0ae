//! One request, from its head to the end of its response.
//!
//! ```text
//! admit ──► rule ──► fixed-response / redirect ───────────────► reply
//!   │                └► forward ► group ► target ► send ► reply
//!   └► 400 405 463 464 ... (AWS's own pages)      └► 502 503 504
//! ```
//!
//! Every path ends in a [`Reply`] whose body carries the [`Exchange`]: when the
//! body is over, or the client has gone, the record goes to the observer.

pub mod body;
pub mod exchange;
mod forward;
mod headers;
mod outgoing;
pub mod reply;
mod send;
mod stick;
mod trace_id;
mod upgrade;

use std::sync::Arc;

use http::{HeaderValue, Method, Request, StatusCode, Version, header};
use hyper::body::Incoming;
use neargate_ids::{Clock, Rng};

use crate::config::DesyncMode;
use crate::connect::Connector;
use crate::cookies::Seal;
use crate::front::connection::Connection;
use crate::observe::{ActionTaken, Classification, Observer};
use crate::rules::{self, RequestView, redirect};
use crate::table::{Action, Listener};
use exchange::Exchange;
use reply::Reply;

/// AWS's limit on `X-Forwarded-For`.
const XFF_ADDRESSES_MAX: usize = 30;
/// AWS's limit on a redirect's `Location`.
const LOCATION_MAX: usize = 8 * 1024;

/// What every request shares.
pub struct Core {
    pub connector: Arc<dyn Connector>,
    pub observer: Arc<dyn Observer>,
    pub clock: Clock,
    pub seal: arc_swap::ArcSwap<Seal>,
    pub rng: Rng,
    /// Where connections are served.
    pub runtime: tokio::runtime::Handle,
}

/// Answers a request that arrived on `connection`.
pub async fn answer(connection: Arc<Connection>, request: Request<Incoming>) -> Reply {
    let Some(listener) = connection.listener_for(&request) else {
        return reply::no_such_load_balancer(&connection);
    };
    let http1 = request.version() != Version::HTTP_2;
    let mut reply = act(&connection, &listener, request).await;
    // Past its keep-alive, a connection ends with a response, never between
    // two: a request that is on its way must not meet a closed door.
    let keep_alive = listener.load_balancer.attributes.client_keep_alive_secs;
    let switched = reply.status() == StatusCode::SWITCHING_PROTOCOLS;
    if http1 && !switched && connection.age().as_secs() >= keep_alive.into() {
        reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    reply
}

async fn act(
    connection: &Arc<Connection>,
    listener: &Arc<Listener>,
    request: Request<Incoming>,
) -> Reply {
    let mut exchange = Exchange::begin(connection, listener, &request);
    if request.version() != Version::HTTP_2 {
        exchange.record.classification = connection.next_head();
    }
    let mode = listener.load_balancer.attributes.desync_mode;
    if is_blocked(exchange.record.classification, mode) {
        return reply::error(400, exchange);
    }
    if let Some(status) = refusal(&request, listener) {
        return reply::error(status, exchange);
    }
    let host = exchange.record.host.clone();
    if let Some(web_acl) = &listener.load_balancer.attributes.web_acl
        && let Some(response) = web_acl.blocks(&view(&request, &host, connection))
    {
        return reply::blocked(response.as_ref(), exchange);
    }
    let action = choose_action(listener, &request, &host, connection, &mut exchange);
    match action {
        Action::Fixed(fixed) => {
            exchange.record.action = Some(ActionTaken::FixedResponse);
            reply::fixed(fixed, exchange)
        }
        Action::Redirect(to) => {
            exchange.record.action = Some(ActionTaken::Redirect);
            let origin = redirect::Origin {
                protocol: if connection.tls.is_some() { "https" } else { "http" },
                host: &host,
                port: listener.port,
                path: request.uri().path(),
                query: request.uri().query().unwrap_or_default(),
            };
            let location = redirect::location(to, &origin);
            if location.len() > LOCATION_MAX {
                return reply::error(500, exchange);
            }
            reply::redirect(location, to.permanent, exchange)
        }
        Action::Forward(forward) => {
            exchange.record.action = Some(ActionTaken::Forward);
            forward::forward(connection, listener, forward, request, exchange).await
        }
    }
}

/// The host that a request asks for, without its port.
pub fn host<B>(request: &Request<B>) -> Option<&str> {
    headers::host(request).map(headers::without_port)
}

/// AWS's table of modes and classifications. Ambiguous requests pass in
/// defensive mode, but their connections are closed.
fn is_blocked(classification: Option<Classification>, mode: DesyncMode) -> bool {
    match (mode, classification) {
        (_, None) | (DesyncMode::Monitor, _) => false,
        (DesyncMode::Strictest, Some(_)) | (_, Some(Classification::Severe(_))) => true,
        (DesyncMode::Defensive, Some(_)) => false,
    }
}

/// The status of a request that no rule gets to see.
fn refusal(request: &Request<Incoming>, listener: &Listener) -> Option<u16> {
    let headers = request.headers();
    if headers::exceeds_limits(request) {
        return Some(400);
    }
    if request.method() == Method::TRACE {
        return Some(405);
    }
    if request.method() == Method::CONNECT {
        return Some(400);
    }
    let has_host = headers.contains_key(header::HOST) || request.uri().authority().is_some();
    if !has_host && request.version() != Version::HTTP_10 {
        return Some(400);
    }
    if request.version() != Version::HTTP_2 && headers.get_all(header::HOST).iter().count() > 1 {
        let preserved = listener.load_balancer.attributes.preserve_host_header;
        if !preserved {
            return Some(400);
        }
    }
    let addresses = |value: &HeaderValue| value.as_bytes().split(|&b| b == b',').count();
    let forwarded_for = headers.get_all(headers::X_FORWARDED_FOR).iter().map(addresses);
    if forwarded_for.sum::<usize>() > XFF_ADDRESSES_MAX {
        return Some(463);
    }
    None
}

fn choose_action<'l>(
    listener: &'l Listener,
    request: &Request<Incoming>,
    host: &str,
    connection: &Connection,
    exchange: &mut Exchange,
) -> &'l Action {
    let view = view(request, host, connection);
    let (rule, evaluated) = rules::first_match(&listener.rules, |r| &r.tests, &view);
    exchange.record.rules_evaluated = evaluated;
    exchange.record.rule_priority = Some(rule.map_or(0, |r| r.priority));
    rule.map_or(&listener.default_action, |r| &r.action)
}

/// What conditions look at.
fn view<'r>(request: &'r Request<Incoming>, host: &'r str, of: &Connection) -> RequestView<'r> {
    RequestView {
        method: request.method().as_str(),
        host,
        path: request.uri().path(),
        query: request.uri().query(),
        headers: request.headers(),
        source: of.client.ip(),
    }
}
