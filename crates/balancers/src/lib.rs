//! The loop of the load balancers.
//!
//! ```text
//!   store ──▶ config (pure) ──▶ lb::Balancer   listeners, rules, connections
//!     ▲   │                └──▶ lb::Prober     health checks
//!     │   └──▶ settle (pure): targets of groups that came into use, or went out of it
//!     └────── facts: health of targets, targets that are drained
//!   lb::Balancer ─┬▶ access_logs: lines of requests ──▶ files in S3
//!                 └▶ traffic: counts, which `neargate-monitoring` takes each minute
//! ```
//!
//! Connections to targets leave from the load balancer's own interfaces, so
//! that security groups decide as on AWS (`nodes`), and clients inside of the
//! VPC come to these interfaces (`doors`). Clients on this machine come by
//! loopback: a listener is bound there only where the load balancer's groups let
//! everybody in at its port (`ingress`).
//!
//! It decides nothing that a user configured, and takes no input but the store.

mod access_logs;
mod config;
mod cookies;
mod doors;
mod facts;
mod ingress;
mod names;
mod nodes;
mod run;
mod status;
mod traffic;

pub use config::config;
pub use names::addresses;
pub use run::Balancers;
pub use status::{BalancerStatus, ListenerStatus};
pub use traffic::{Carried, Counts, Place, Traffic};
