//! The services that this Neargate has: one line each.

use neargate_api::Service;
use neargate_blobs::Blobs;

/// All of them, in the order of their names.
pub fn all(blobs: &Blobs) -> Vec<Service> {
    vec![
        neargate_api_ec2::service(),
        neargate_api_ecr::service(blobs.clone()),
        neargate_api_ecs::service(),
    ]
}
