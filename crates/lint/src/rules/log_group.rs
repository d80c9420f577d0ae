//! Where the lines of a container go.

use super::Rule;
use crate::aws::task;
use crate::finding::{Report, Severity};
use crate::seen::Seen;

pub static RULE: Rule = Rule {
    id: "log-group",
    severity: Severity::Hint,
    looks_for: "an awslogs log group that the stack does not make",
    on_aws: "Without the group the task does not start: \"ResourceInitializationError: failed to validate \
             logger args: … The specified log group does not exist\".",
    change: "Make an `aws_cloudwatch_log_group` of that name, or set `awslogs-create-group = \"true\"` and \
             allow the execution role logs:CreateLogGroup.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in task::all(seen) {
        for container in &one.containers {
            let log = &container["logConfiguration"];
            let options = &log["options"];
            let Some(group) = options["awslogs-group"].as_str() else { continue };
            let create = &options["awslogs-create-group"];
            let makes = *create == "true" || *create == true;
            let there = seen.find("aws_cloudwatch_log_group", "name", group).is_some();
            if log["logDriver"] == "awslogs" && !makes && !there {
                let summary = format!("Nothing here makes the log group {group:?}");
                report.tell(one.resource, &["container_definitions"], summary);
            }
        }
    }
}
