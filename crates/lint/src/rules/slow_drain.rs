//! How long each replaced task is waited for.

use super::Rule;
use crate::aws::service;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "slow-drain",
    severity: Severity::Hint,
    looks_for: "AWS's default of five minutes for a target to be drained",
    on_aws: "Each task that a deployment or scaling takes away drains for `deregistration_delay` before it \
             gets SIGTERM: deployments take that much longer, and both generations are paid.",
    change: "Set `deregistration_delay` to what the longest request takes, such as 30.",
    check,
};

const DEFAULT: f64 = 300.0;

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        for (_, group) in service::groups(seen, one) {
            let unset = group.is_unset("deregistration_delay");
            if unset || group.number("deregistration_delay").is_some_and(|it| it >= DEFAULT) {
                let summary = "Each replaced task is drained for five minutes";
                report.tell(group, &["deregistration_delay"], summary);
            }
        }
    }
}
