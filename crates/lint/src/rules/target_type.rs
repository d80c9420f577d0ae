//! What kind of targets a group has.

use super::Rule;
use crate::aws::service;
use crate::aws::task::Task;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "target-type",
    severity: Severity::Error,
    looks_for: "a target group of instances for tasks with addresses of their own",
    on_aws: "ECS refuses the service: the target type instance is incompatible with the network mode \
             awsvpc, which Fargate has.",
    change: "Set `target_type = \"ip\"` on the target group.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let mode = Task::of_service(seen, one);
        let mode = mode.and_then(|task| task.resource.text("network_mode").map(str::to_owned));
        if mode.as_deref() != Some("awsvpc") && !service::is_on_fargate(one) {
            continue;
        }
        for (_, group) in service::groups(seen, one) {
            // Instances are what a group has where nothing is said.
            let kind = group.text("target_type").unwrap_or("instance");
            if kind != "ip" && !group.is_unknown("target_type") {
                let summary = format!(
                    "The target group has targets of type {kind}, and the tasks have addresses"
                );
                report.tell(group, &["target_type"], summary);
            }
        }
    }
}
