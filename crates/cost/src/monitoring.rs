//! CloudWatch: alarms, dashboards, logs and the metrics of Container Insights.

use crate::estimate::Estimating;
use crate::prices::price;
use crate::resource::Resource;

/// Metrics of Container Insights for a cluster with one service and one family of task
/// definitions, as Neargate measures them: ten of what tasks use, each by cluster, service and
/// family, and seven counts.
const INSIGHTS: f64 = 37.0;

/// AWS makes two alarms for a policy that tracks a target.
const TRACKING_ALARMS: f64 = 2.0;

pub fn cluster(of: &mut Estimating<'_>, cluster: &Resource) {
    let on = |setting: &&serde_json::Value| {
        setting["name"] == "containerInsights"
            && ["enabled", "enhanced"].iter().any(|on| setting["value"] == *on)
    };
    if cluster.list("setting").iter().any(|setting| on(&setting)) {
        of.line(cluster, "Container Insights of one service", INSIGHTS * of.prices.metric);
        of.assume(format!(
            "Container Insights at its {INSIGHTS} metrics of a cluster with one service, each as one of the account's own; enhanced costs by task instead"
        ));
    }
}

/// A metric alarm costs by the metrics that it looks at.
pub fn alarm(of: &mut Estimating<'_>, alarm: &Resource) {
    let metrics = alarm
        .list("metric_query")
        .iter()
        .filter(|query| query["metric"].as_array().is_some_and(|metric| !metric.is_empty()));
    let metrics = metrics.count().max(1) as f64;
    let fine = alarm.number("period").is_some_and(|period| period < 60.0);
    let each = if fine { of.prices.alarm_high_resolution } else { of.prices.alarm };
    of.line(alarm, "an alarm", each * metrics);
}

pub fn composite_alarm(of: &mut Estimating<'_>, alarm: &Resource) {
    of.line(alarm, "a composite alarm", of.prices.composite_alarm);
}

pub fn scaling_policy(of: &mut Estimating<'_>, policy: &Resource) {
    match policy.text("policy_type") {
        Some("TargetTrackingScaling") => {
            of.line(policy, "the two alarms of target tracking", TRACKING_ALARMS * of.prices.alarm);
        }
        _ => *of.estimate.free.entry(policy.kind.clone()).or_default() += 1,
    }
}

pub fn dashboard(of: &mut Estimating<'_>, dashboard: &Resource) {
    of.line(dashboard, "a dashboard", of.prices.dashboard);
    of.assume("dashboards at their price; an account's first three are free");
}

pub fn log_group(of: &mut Estimating<'_>, group: &Resource) {
    *of.estimate.free.entry(group.kind.clone()).or_default() += 1;
    let got = price(of.prices.logs_ingested_gb);
    let kept = price(of.prices.logs_stored_gb_month);
    of.assume(format!("no logs: {got} a GB, and {kept} for each month that a GB is kept"));
}
