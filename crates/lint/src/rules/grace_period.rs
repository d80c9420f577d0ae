//! How long a task has to become healthy before it is replaced.

use super::Rule;
use crate::aws::service;
use crate::aws::task::Task;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Resource, Seen};

pub static RULE: Rule = Rule {
    id: "grace-period",
    severity: Severity::Warning,
    looks_for: "a task that is replaced before it has started",
    on_aws: "The load balancer finds the task unhealthy while it still starts, and ECS stops it and \
             starts another, for ever: \"(service …) (task …) failed ELB health checks\".",
    change: "Set `health_check_grace_period_seconds` to at least the time that a start takes, which is \
             what the container's `startPeriod` says.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let path = ["health_check_grace_period_seconds"];
        let grace = match one.is_unset(path[0]) {
            true => Some(0.0),
            false => one.number(path[0]),
        };
        let Some(grace) = grace else { continue };
        for (block, group) in service::groups(seen, one) {
            let Some(start) = start(seen, one, block.text("container_name")) else { continue };
            let Some(patience) = patience(group) else { continue };
            if start > grace.max(patience) {
                let summary = format!(
                    "The container may take {start} s to start; the load balancer calls it unhealthy after {patience} s, and the grace period is {grace} s"
                );
                report.tell(one, &path, summary);
            }
        }
    }
}

/// How long a container's start may take, as its health check says.
fn start(seen: &Seen<'_>, service: &Resource<'_>, container: Option<&str>) -> Option<f64> {
    let task = Task::of_service(seen, service)?;
    task.container(container?)?["healthCheck"]["startPeriod"].as_f64()
}

/// After how long a target that never answers is unhealthy.
fn patience(group: &Resource<'_>) -> Option<f64> {
    let check = group.block("health_check")?;
    let or = |name: &str, otherwise: f64| match check.is_unset(name) {
        true => Some(otherwise),
        false => check.number(name),
    };
    Some(or("interval", 30.0)? * or("unhealthy_threshold", 3.0)?)
}
