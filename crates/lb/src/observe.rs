//! What the balancer tells about its work: one record for each request, the
//! comings and goings of connections, and facts about addresses and drains.
//!
//! Calls come from the request path: an observer counts and returns. Access
//! log lines are made from the records by [`access_log`](crate::access_log).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, Uri, Version};
use neargate_ids::Timestamp;

/// Receives everything. Every method does nothing by default.
pub trait Observer: Send + Sync + 'static {
    /// A request is over, and its response sent as far as it got.
    fn request(&self, _record: &RequestRecord) {}
    /// A connection came or went.
    fn connection(&self, _event: ConnectionEvent<'_>) {}
    /// An address was bound, or could not be (told once for each change).
    fn bind(&self, _report: BindReport) {}
    /// A draining target has no request in flight any more.
    fn drained(&self, _drained: Drained) {}
}

/// Observes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blind;

impl Observer for Blind {}

/// A change in the number of connections, for `ActiveConnectionCount`,
/// `NewConnectionCount` and the TLS error counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionEvent<'a> {
    /// `node` is the address that the client came to.
    ClientOpened {
        load_balancer: Option<&'a str>,
        node: IpAddr,
    },
    ClientClosed {
        load_balancer: Option<&'a str>,
        node: IpAddr,
    },
    ClientTlsFailed {
        load_balancer: Option<&'a str>,
        node: IpAddr,
    },
    TargetOpened {
        load_balancer: &'a str,
        target_group: &'a str,
    },
    TargetClosed {
        load_balancer: &'a str,
        target_group: &'a str,
    },
    TargetConnectFailed {
        load_balancer: &'a str,
        target_group: &'a str,
    },
    TargetTlsFailed {
        load_balancer: &'a str,
        target_group: &'a str,
    },
}

/// The state of an address that listeners are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindReport {
    pub address: SocketAddr,
    pub listeners: Vec<Arc<str>>,
    /// `Err` says why, and who holds the port where that could be seen; it is
    /// tried again every second.
    pub outcome: Result<(), String>,
}

/// The end of a target's draining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drained {
    pub target_group: Arc<str>,
    pub target: SocketAddr,
    /// Requests that were still in flight when the delay had elapsed, and were cut.
    pub cut: usize,
}

/// The kind of a request: the `type` of an access-log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    Http,
    Https,
    H2,
    Grpcs,
    Ws,
    Wss,
}

/// A secured connection as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// OpenSSL's names, as AWS logs them.
    pub cipher: &'static str,
    pub protocol: &'static str,
    /// What the client asked for, where a certificate matched it.
    pub sni: Option<String>,
    /// `None` when an earlier session was resumed.
    pub certificate_arn: Option<Arc<str>>,
}

/// How a request deviates from RFC 7230.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classification {
    Acceptable(&'static str),
    Ambiguous(&'static str),
    Severe(&'static str),
}

/// What was done for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionTaken {
    Forward,
    Redirect,
    FixedResponse,
}

/// Everything of one request that logs and metrics need.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    pub kind: RequestKind,
    pub created_at: Timestamp,
    pub responded_at: Timestamp,
    /// `app/<name>/<id>`.
    pub load_balancer: Arc<str>,
    pub listener: Arc<str>,
    pub client: SocketAddr,
    /// The address that the client came to.
    pub node: IpAddr,
    pub target: Option<SocketAddr>,
    pub request_processing: Option<Duration>,
    /// `TargetResponseTime`.
    pub target_processing: Option<Duration>,
    pub response_processing: Option<Duration>,
    pub elb_status: u16,
    pub target_status: Option<u16>,
    /// Heads and bodies; HTTP/2 heads as HTTP/1 would write them.
    pub received_bytes: u64,
    pub sent_bytes: u64,
    /// `None` when no request could be read.
    pub method: Option<Method>,
    pub uri: Uri,
    pub host: String,
    pub port: u16,
    pub version: Version,
    pub user_agent: Option<HeaderValue>,
    pub tls: Option<Arc<TlsFacts>>,
    pub target_group: Option<Arc<str>>,
    /// The value of `X-Amzn-Trace-Id` as the target got it.
    pub trace_id: String,
    /// 0 for the default rule; `None` when no rule was evaluated.
    pub rule_priority: Option<u32>,
    /// For `RuleEvaluations`.
    pub rules_evaluated: u32,
    pub action: Option<ActionTaken>,
    pub redirect_url: Option<String>,
    pub error_reason: Option<&'static str>,
    pub classification: Option<Classification>,
    /// Routed although no target was healthy enough: `UnhealthyRoutingRequestCount`.
    pub fail_open: bool,
    /// A new target was chosen where stickiness is on: `NonStickyRequestCount`.
    pub non_sticky: bool,
    /// Header names outside `[-A-Za-z0-9]+`, dropped or forwarded by the attribute.
    pub invalid_headers: bool,
    pub dropped_invalid_headers: bool,
}
