//! How long a container may take to stop.

use super::Rule;
use crate::aws::task;
use crate::finding::{Report, Severity};
use crate::seen::Seen;

pub static RULE: Rule = Rule {
    id: "stop-timeout",
    severity: Severity::Error,
    looks_for: "a stopTimeout that Fargate does not have",
    on_aws: "ECS refuses the task definition: on Fargate a container has at most 120 seconds between \
             SIGTERM and SIGKILL.",
    change: "Set `stopTimeout` to at most 120, and let the application end its work within it.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in task::all(seen).iter().filter(|one| one.is_for_fargate()) {
        for container in &one.containers {
            if let Some(stop) = container["stopTimeout"].as_f64().filter(|stop| *stop > 120.0) {
                let name = container["name"].as_str().unwrap_or_default();
                let summary = format!("The container {name:?} has a stopTimeout of {stop} s");
                report.tell(one.resource, &["container_definitions"], summary);
            }
        }
    }
}
