//! The container and port of a service's target group, which the task must have.

use super::Rule;
use crate::aws::service;
use crate::aws::task::Task;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "container-port",
    severity: Severity::Error,
    looks_for: "a load balancer's container or port that the task definition does not have",
    on_aws: "ECS refuses the service: the container does not exist in the task definition, or does not \
             expose the port.",
    change: "Give `load_balancer` the name of a container of the task and a `containerPort` among its \
             `portMappings`.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let Some(task) = Task::of_service(seen, one) else { continue };
        for block in one.blocks("load_balancer").unwrap_or_default() {
            let (Some(name), Some(port)) =
                (block.text("container_name"), block.number("container_port"))
            else {
                continue;
            };
            let Some(container) = task.container(name) else {
                let summary = format!("The task definition has no container {name:?}");
                report.tell(one, &["load_balancer", "container_name"], summary);
                continue;
            };
            let mut mapped = container["portMappings"].as_array().into_iter().flatten();
            if !mapped.any(|mapping| mapping["containerPort"].as_f64() == Some(port)) {
                let summary =
                    format!("The container {name:?} has no port {port} among its portMappings");
                report.tell(one, &["load_balancer", "container_port"], summary);
            }
        }
    }
}
