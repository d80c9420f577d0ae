//! The services that this Neargate has: one line each.

use neargate_api::Service;

/// All of them, in the order of their names.
pub fn all() -> Vec<Service> {
    let mut all = vec![
        neargate_api_ec2::service(),
        neargate_api_ecs::service(),
        neargate_api_secretsmanager::service(),
    ];
    all.extend(neargate_api_iam::services());
    all
}
