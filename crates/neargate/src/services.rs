//! The services that this Neargate has: one line each.

use neargate_api::Service;
use neargate_api_ecr::Pulls;

use crate::wiring::Kept;

/// All of them, in the order of their names.
pub fn all(kept: &Kept, pulls: &Pulls) -> Vec<Service> {
    let mut all = vec![
        neargate_api_application_autoscaling::service(),
        neargate_api_ssm::service(),
        neargate_api_kms::service(),
        neargate_api_acm::service(),
        neargate_api_cloudtrail::service(kept.events.clone()),
        neargate_api_cloudwatch::service(kept.metrics.clone()),
        neargate_api_codedeploy::service(),
        neargate_api_ec2::service(),
        neargate_api_ecr::service(kept.blobs.clone(), pulls.clone()),
        neargate_api_ecs::service(),
        neargate_api_elbv2::service(),
        neargate_api_events::service(),
        neargate_api_logs::service(kept.lines.clone()),
        neargate_api_rds::service(),
        neargate_api_secretsmanager::service(),
        neargate_api_sns::service(),
        neargate_api_wafv2::service(),
    ];
    all.extend(neargate_api_iam::services());
    all
}
