//! Health checks that take longer than they may.

use super::Rule;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "health-check-timeout",
    severity: Severity::Error,
    looks_for: "a target group's health check with a timeout that is not below its interval",
    on_aws: "Elastic Load Balancing refuses the target group: \"Health check interval must be greater than \
             the timeout\".",
    change: "Set `timeout` below `interval`; 30 and 5 are the defaults.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for group in ["aws_lb_target_group", "aws_alb_target_group"].iter().flat_map(|it| seen.of(it)) {
        let Some(check) = group.block("health_check") else { continue };
        if let (Some(timeout), Some(interval)) = (check.number("timeout"), check.number("interval"))
            && timeout >= interval
        {
            let summary = format!(
                "The health check's timeout of {timeout} s is not below its interval of {interval} s"
            );
            report.tell(group, &["health_check", "timeout"], summary);
        }
    }
}
