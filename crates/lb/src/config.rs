//! What the balancer is told: every load balancer, listener, rule and target
//! of this instance, as plain data. It is whole every time: applying a new one
//! replaces the old, and what stayed the same keeps its connections.
//!
//! Nothing here is validated against AWS's limits: the API has done that.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use neargate_ids::Timestamp;

use crate::waf::WebAcl;

/// All that is balanced and probed on this machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub load_balancers: Vec<LoadBalancer>,
    pub target_groups: Vec<TargetGroup>,
    /// Seals the stickiness cookies; the same key across restarts keeps sessions stuck.
    pub cookie_key: [u8; 32],
}

/// One Application Load Balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadBalancer {
    /// `app/<name>/<id>`: how access logs and metrics name it, and what the
    /// [`Connector`](crate::Connector) is given.
    pub id: Arc<str>,
    /// `<name>-<id>.<region>.elb.localhost`: chooses it on a shared address.
    pub dns_name: String,
    pub attributes: Attributes,
    pub listeners: Vec<Listener>,
}

/// `ModifyLoadBalancerAttributes`, those that act on traffic.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes {
    pub idle_timeout_secs: u32,
    pub client_keep_alive_secs: u32,
    pub drop_invalid_header_fields: bool,
    pub xff_mode: XffMode,
    pub xff_client_port: bool,
    pub preserve_host_header: bool,
    /// Adds `x-amzn-tls-version` and `x-amzn-tls-cipher-suite`.
    pub tls_headers: bool,
    pub desync_mode: DesyncMode,
    pub http2: bool,
    /// What judges requests before the rules do.
    pub web_acl: Option<Arc<WebAcl>>,
}

impl Default for Attributes {
    fn default() -> Self {
        Attributes {
            idle_timeout_secs: 60,
            client_keep_alive_secs: 3600,
            drop_invalid_header_fields: false,
            xff_mode: XffMode::Append,
            xff_client_port: false,
            preserve_host_header: false,
            tls_headers: false,
            desync_mode: DesyncMode::Defensive,
            http2: true,
            web_acl: None,
        }
    }
}

/// `routing.http.xff_header_processing.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XffMode {
    Append,
    Preserve,
    Remove,
}

/// `routing.http.desync_mitigation_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesyncMode {
    Monitor,
    Defensive,
    Strictest,
}

/// One listener, on as many addresses as it is reachable by.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    pub arn: Arc<str>,
    /// The port as AWS shows it: in redirects, `X-Forwarded-Port` and logs.
    pub port: u16,
    /// Listeners of several load balancers may share an address: the name in
    /// SNI or Host decides then.
    pub binds: Vec<SocketAddr>,
    /// `Some` for HTTPS.
    pub tls: Option<Tls>,
    /// In ascending priority.
    pub rules: Vec<Rule>,
    pub default_action: Action,
}

/// The secure side of an HTTPS listener.
#[derive(Clone, Debug, PartialEq)]
pub struct Tls {
    /// `ELBSecurityPolicy-…`.
    pub policy: String,
    /// The default first, then the others, which SNI chooses.
    pub certificates: Vec<Certificate>,
}

/// A certificate chain with its key.
#[derive(Clone, PartialEq)]
pub struct Certificate {
    pub arn: Arc<str>,
    pub chain_pem: String,
    pub key_pem: String,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").field("arn", &self.arn).finish_non_exhaustive()
    }
}

/// A rule that is not the default.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub priority: u32,
    /// All must hold.
    pub conditions: Vec<Condition>,
    pub action: Action,
}

/// One condition; any one of its values satisfies it.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    PathPattern(Vec<String>),
    HostHeader(Vec<String>),
    HttpHeader { name: String, values: Vec<String> },
    HttpRequestMethod(Vec<String>),
    QueryString(Vec<QueryPair>),
    SourceIp(Vec<Cidr>),
}

/// A key/value of a query-string condition; no key means any key.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryPair {
    pub key: Option<String>,
    pub value: String,
}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    pub network: IpAddr,
    pub prefix_len: u8,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Forward(Forward),
    Redirect(Redirect),
    FixedResponse(FixedResponse),
}

/// Weighted target groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Forward {
    pub target_groups: Vec<WeightedGroup>,
    /// `TargetGroupStickinessConfig`: for how long, when enabled.
    pub stickiness_secs: Option<u32>,
}

/// A target group's share (0-999) of a forward action.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedGroup {
    pub arn: Arc<str>,
    pub weight: u32,
}

/// A redirect; each part may hold `#{protocol}`, `#{host}`, `#{port}`,
/// `#{path}` and `#{query}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    pub protocol: String,
    pub host: String,
    pub port: String,
    pub path: String,
    pub query: String,
    /// `HTTP_301` rather than `HTTP_302`.
    pub permanent: bool,
}

/// A response from the load balancer itself.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedResponse {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Option<String>,
}

/// A target group with its targets.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetGroup {
    pub arn: Arc<str>,
    /// `HTTPS` towards the targets; their certificates are not verified, as AWS does not.
    pub https: bool,
    pub protocol_version: ProtocolVersion,
    pub algorithm: Algorithm,
    pub stickiness: Option<Stickiness>,
    /// 0 is off.
    pub slow_start_secs: u32,
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets`:
    /// with fewer healthy targets than this, all are routed to.
    pub minimum_healthy_count: u32,
    pub minimum_healthy_percent: Option<u8>,
    pub health_check: HealthCheck,
    pub targets: Vec<Target>,
}

/// How requests reach the targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolVersion {
    Http1,
    Http2,
    Grpc,
}

/// `load_balancing.algorithm.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    RoundRobin,
    LeastOutstandingRequests,
    WeightedRandom,
}

/// A target group's own stickiness.
#[derive(Clone, Debug, PartialEq)]
pub enum Stickiness {
    /// `lb_cookie`: AWSALB and AWSALBCORS.
    LbCookie { duration_secs: u32 },
    /// `app_cookie`: AWSALBAPP-0 beside the application's own cookie.
    AppCookie { name: String, duration_secs: u32 },
}

/// `HealthCheck…` of a target group.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthCheck {
    pub https: bool,
    pub path: String,
    /// `None` is `traffic-port`.
    pub port: Option<u16>,
    pub interval_secs: u32,
    pub timeout_secs: u32,
    pub healthy_threshold: u32,
    pub unhealthy_threshold: u32,
    /// `200`, `200-299` or `200,301`; gRPC codes for a gRPC target group.
    pub matcher: String,
}

impl Default for HealthCheck {
    fn default() -> Self {
        HealthCheck {
            https: false,
            path: "/".into(),
            port: None,
            interval_secs: 30,
            timeout_secs: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            matcher: "200".into(),
        }
    }
}

/// A registered target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub address: SocketAddr,
    pub state: TargetState,
}

/// What the control plane holds of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// Registered, not yet passed its first check: gets no requests.
    Initial,
    Healthy,
    Unhealthy,
    /// Deregistering: gets no new requests; those in flight are cut at `until`.
    Draining {
        until: Timestamp,
    },
}

impl TargetGroup {
    /// A group with AWS's defaults and no targets.
    pub fn new(arn: impl Into<Arc<str>>) -> Self {
        TargetGroup {
            arn: arn.into(),
            https: false,
            protocol_version: ProtocolVersion::Http1,
            algorithm: Algorithm::RoundRobin,
            stickiness: None,
            slow_start_secs: 0,
            minimum_healthy_count: 1,
            minimum_healthy_percent: None,
            health_check: HealthCheck::default(),
            targets: Vec::new(),
        }
    }
}

impl Action {
    /// Forwards to one target group, without stickiness.
    pub fn forward(arn: impl Into<Arc<str>>) -> Self {
        let target_groups = vec![WeightedGroup { arn: arn.into(), weight: 1 }];
        Action::Forward(Forward { target_groups, stickiness_secs: None })
    }

    /// The target groups that it may forward to.
    pub fn target_groups(&self) -> &[WeightedGroup] {
        match self {
            Action::Forward(forward) => &forward.target_groups,
            Action::Redirect(_) | Action::FixedResponse(_) => &[],
        }
    }
}

impl LoadBalancer {
    /// The ARNs of the target groups that any of its rules forwards to.
    pub fn target_groups(&self) -> impl Iterator<Item = &Arc<str>> {
        self.listeners
            .iter()
            .flat_map(|l| l.rules.iter().map(|r| &r.action).chain([&l.default_action]))
            .flat_map(|action| action.target_groups().iter().map(|g| &g.arn))
    }
}
