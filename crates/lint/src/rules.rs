//! The rules, a file each: what is looked for, what happens on AWS, and what to change.

mod circuit_breaker;
mod container_port;
mod database_snapshot;
mod database_zone;
mod desired_count;
mod execution_role;
mod fargate_size;
mod grace_period;
mod health_check_command;
mod health_check_timeout;
mod immutable_latest;
mod keep_alive;
mod listener_order;
mod log_group;
mod log_retention;
mod port_admitted;
mod replacement_room;
mod secret_permission;
mod slow_drain;
mod spot_drain;
mod spot_unused;
mod stop_timeout;
mod target_type;
mod way_to_images;

use crate::finding::{Report, Severity};
use crate::seen::Seen;

/// See the file of one.
#[derive(Debug)]
pub struct Rule {
    pub id: &'static str,
    pub severity: Severity,
    /// In one line.
    pub looks_for: &'static str,
    /// What happens on AWS.
    pub on_aws: &'static str,
    /// What to change.
    pub change: &'static str,
    pub check: fn(&Seen<'_>, &mut Report<'_>),
}

/// In the order in which a task comes to life, and goes.
pub static RULES: &[&Rule] = &[
    &fargate_size::RULE,
    &execution_role::RULE,
    &secret_permission::RULE,
    &way_to_images::RULE,
    &immutable_latest::RULE,
    &log_group::RULE,
    &log_retention::RULE,
    &health_check_command::RULE,
    &health_check_timeout::RULE,
    &grace_period::RULE,
    &target_type::RULE,
    &container_port::RULE,
    &port_admitted::RULE,
    &listener_order::RULE,
    &keep_alive::RULE,
    &circuit_breaker::RULE,
    &replacement_room::RULE,
    &desired_count::RULE,
    &spot_unused::RULE,
    &spot_drain::RULE,
    &slow_drain::RULE,
    &stop_timeout::RULE,
    &database_zone::RULE,
    &database_snapshot::RULE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::RULES;

    #[test]
    fn each_has_an_id_of_its_own() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
    }
}
