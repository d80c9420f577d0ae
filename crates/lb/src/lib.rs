//! The data plane of Application Load Balancers: listeners, rules, targets,
//! health checks. A hand: it knows neither AWS's API nor the store.
//!
//! ```text
//!                      Config (plain data, whole every time)
//!                        │ Balancer::apply        │ Prober::apply
//!                        ▼                        ▼
//!  client ─► front ─► rules ─► target group    health checks
//!            (address,  (first   (algorithm,       │
//!             SNI/Host)  match)   stickiness)      ▼
//!                                  │          Observation ─► the control plane,
//!                                  ▼          which answers with a new Config
//!                          pool of connections
//!                                  │ Connector (sockets of the load
//!                                  ▼            balancer's own network)
//!                                target
//!
//!  Observer ◄─ a RequestRecord for each request, ConnectionEvents,
//!              BindReports (an address is taken, by whom), Drained
//! ```
//!
//! A control plane holds a [`Balancer`] and a [`health::Prober`] side by side
//! and gives both the same [`Config`] whenever the store changes:
//!
//! * a target is registered: `Initial`; the prober's first check follows at
//!   once, its [`health::Observation`] makes it `Healthy` in the store;
//! * it is deregistered: `Draining { until }`; [`Observer::drained`] comes as
//!   soon as nothing is in flight, or at `until`, when what is left was cut;
//! * it is gone from the configuration: its connections close.
//!
//! **Shared addresses.** Listeners of several load balancers may name the same
//! address in [`binds`](config::Listener::binds). Over TLS the SNI decides, else each request's Host:
//! the load balancer's DNS name, or, where only one listens, whatever name.
//! HTTP and HTTPS may even share a port: the first byte tells them apart.
//!
//! **Invariants.** No lock is held across an await. A request sees one
//! configuration. Bodies are streamed, never gathered. A request is repeated
//! only when the target cannot have begun to act on it.
//!
//! **Limits.** TLS 1.2 and 1.3 with forward-secret AEAD suites; 100 header
//! fields in a message; HTTP/1.1 or 2, as AWS's. Rules match by AWS's wildcards,
//! not by regular expressions.
//!
//! Not here: authentication actions and Lambda targets (refused by the API); who writes access logs and metrics (see [`observe`], [`access_log`]).

pub mod access_log;
mod balancer;
pub mod config;
mod connect;
mod cookies;
mod front;
pub mod health;
pub mod observe;
mod proxy;
pub mod rules;
mod stream;
mod table;
mod target;
mod tls;
pub mod waf;

pub use balancer::{Balancer, Problem};
pub use config::Config;
pub use connect::{Connecting, Connector, Direct};
pub use observe::Observer;
pub use tls::TlsError;
