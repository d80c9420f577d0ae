//! Whether a deployment can replace a task at all.

use super::Rule;
use crate::aws::service;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "replacement-room",
    severity: Severity::Error,
    looks_for: "a service that may neither stop a task nor start one more",
    on_aws: "No deployment ever goes on: with a minimum of 100 % nothing may stop, and with a maximum of \
             100 % nothing may start.",
    change: "Raise `deployment_maximum_percent` to 200, or lower `deployment_minimum_healthy_percent`.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen).filter(|one| service::is_rolling(one)) {
        let minimum = one.number("deployment_minimum_healthy_percent").unwrap_or(100.0);
        let Some(maximum) = one.number("deployment_maximum_percent") else { continue };
        let daemon = one.text("scheduling_strategy") == Some("DAEMON");
        if minimum >= 100.0 && maximum <= 100.0 && !daemon {
            let summary =
                format!("From {minimum} % to {maximum} % of its tasks, nothing can be replaced");
            report.tell(one, &["deployment_maximum_percent"], summary);
        }
    }
}
