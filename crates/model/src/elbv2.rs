//! Elastic Load Balancing: Application Load Balancers and what they route to.
//!
//! ```text
//! LoadBalancer ── Listener ── Rule ──▶ TargetGroup ── Target
//!      └─ an interface in each of its subnets
//! ```
//!
//! The key of each record is its ARN, which names the region; the ARNs of a
//! load balancer's listeners begin alike, and so do those of a listener's
//! rules, so that children are a scan of a prefix. Which load balancers a
//! target group serves is told from the actions that name it, never kept.
//!
//! ECS registers and deregisters its tasks with [`register_target`] and
//! [`deregister_target`] inside its own transactions.

use neargate_store::Tables;

mod attributes;
mod cookie_key;
mod listener;
mod load_balancer;
mod register;
mod rule;
mod target;
mod target_group;

pub use attributes::{
    Attribute, AttributeValue, LISTENER_ATTRIBUTES, LOAD_BALANCER_ATTRIBUTES,
    TARGET_GROUP_ATTRIBUTES,
};
pub use cookie_key::CookieKey;
pub use listener::{Listener, listeners_of};
pub use load_balancer::{LoadBalancer, Node, Scheme, free_loopback};
pub use register::{NoTargetGroup, deregister_target, register_target, targets_of};
pub use rule::{Rule, forwards_to, rules_of};
pub use target::{Target, TargetState};
pub use target_group::{HealthCheck, TargetGroup, is_in_use, load_balancers_of};

/// The beginning of the keys of everything of a region.
pub fn prefix(region: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{region}:")
}

/// The tables of Elastic Load Balancing.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<LoadBalancer>()
        .with::<Listener>()
        .with::<Rule>()
        .with::<TargetGroup>()
        .with::<Target>()
        .with::<CookieKey>()
}
