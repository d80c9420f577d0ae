//! How long CloudWatch Logs keeps lines. Source: PutRetentionPolicy of its API reference.

use super::Rule;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "log-retention",
    severity: Severity::Error,
    looks_for: "a retention of a log group that CloudWatch Logs does not have",
    on_aws: "CloudWatch Logs refuses it (InvalidParameterException), after the group has been made: its \
             lines are kept, and paid, for ever.",
    change: "Take one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, \
             2557, 2922, 3288 and 3653 days, or 0 for ever.",
    check,
};

const DAYS: [u32; 23] = [
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for group in seen.of("aws_cloudwatch_log_group") {
        let Some(days) = group.number("retention_in_days") else { continue };
        if !DAYS.iter().any(|known| f64::from(*known) == days) {
            let summary = format!("CloudWatch Logs cannot keep lines for {days} days");
            report.tell(group, &["retention_in_days"], summary);
        }
    }
}
