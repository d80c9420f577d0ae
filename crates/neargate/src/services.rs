//! The services that this Neargate has: one line each.

use std::sync::Arc;

use neargate_api::Service;
use neargate_blobs::Blobs;
use neargate_eventlog::EventLog;
use neargate_loglines::LogLines;
use neargate_series::Series;

/// All of them, in the order of their names.
pub fn all(
    blobs: &Blobs,
    lines: &LogLines,
    events: &EventLog,
    metrics: &Arc<Series>,
) -> Vec<Service> {
    let mut all = vec![
        neargate_api_application_autoscaling::service(),
        neargate_api_ssm::service(),
        neargate_api_kms::service(),
        neargate_api_acm::service(),
        neargate_api_cloudtrail::service(events.clone()),
        neargate_api_cloudwatch::service(metrics.clone()),
        neargate_api_codedeploy::service(),
        neargate_api_ec2::service(),
        neargate_api_ecr::service(blobs.clone()),
        neargate_api_ecs::service(),
        neargate_api_elbv2::service(),
        neargate_api_events::service(),
        neargate_api_logs::service(lines.clone()),
        neargate_api_rds::service(),
        neargate_api_secretsmanager::service(),
        neargate_api_sns::service(),
        neargate_api_wafv2::service(),
    ];
    all.extend(neargate_api_iam::services());
    all
}
