//! The configuration as requests use it: rules compiled, groups with their
//! targets, certificates parsed. Made when a configuration is applied, shared
//! by everything that runs, never changed.

use std::sync::Arc;

use crate::config::{self, Attributes, FixedResponse, Redirect};
use crate::rules::Test;
use crate::target::choose::Group;
use crate::tls::Acceptor;

/// What a listener knows of its load balancer.
pub struct LoadBalancer {
    pub id: Arc<str>,
    /// Lower-case.
    pub dns_name: String,
    pub attributes: Attributes,
}

/// A listener ready to serve.
pub struct Listener {
    pub arn: Arc<str>,
    pub port: u16,
    pub load_balancer: Arc<LoadBalancer>,
    /// `Some` for HTTPS.
    pub tls: Option<Arc<Acceptor>>,
    pub rules: Vec<Rule>,
    pub default_action: Action,
}

/// A compiled rule.
pub struct Rule {
    pub priority: u32,
    pub tests: Vec<Test>,
    pub action: Action,
}

/// A compiled action.
pub enum Action {
    Forward(Forward),
    Redirect(Redirect),
    Fixed(FixedResponse),
}

/// Weighted groups.
pub struct Forward {
    pub groups: Vec<(u32, Arc<Group>)>,
    pub stickiness_secs: Option<u32>,
}

impl Action {
    /// Compiles an action; a group that `group` does not know is left out, so
    /// that requests for it get 503.
    pub fn new(action: &config::Action, group: impl Fn(&str) -> Option<Arc<Group>>) -> Self {
        match action {
            config::Action::Redirect(redirect) => Action::Redirect(redirect.clone()),
            config::Action::FixedResponse(fixed) => Action::Fixed(fixed.clone()),
            config::Action::Forward(forward) => {
                let weighted = forward.target_groups.iter();
                let groups = weighted.filter_map(|g| Some((g.weight, group(&g.arn)?))).collect();
                Action::Forward(Forward { groups, stickiness_secs: forward.stickiness_secs })
            }
        }
    }
}
