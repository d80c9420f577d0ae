//! Whether a task on Spot ends before its capacity is gone.

use super::Rule;
use crate::aws::service;
use crate::aws::task::Task;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "spot-drain",
    severity: Severity::Warning,
    looks_for: "a task on Fargate Spot that takes longer to drain and stop than an interruption leaves it",
    on_aws: "From an interruption's notice to the end of the capacity are two minutes. A target that drains \
             for longer, with `stopTimeout` after it, is killed with its requests.",
    change: "Keep `deregistration_delay` and the container's `stopTimeout` together below 120 s.",
    check,
};

/// From the notice to the end.
const NOTICE: f64 = 120.0;

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let strategy = service::strategy(one).unwrap_or_default();
        let spot = |it: &service::Share<'_>| {
            it.provider == "FARGATE_SPOT" && (it.base > 0.0 || it.weight > 0.0)
        };
        let Some(task) = Task::of_service(seen, one) else { continue };
        if !strategy.iter().any(spot) {
            continue;
        }
        for (block, group) in service::groups(seen, one) {
            let delay = match group.is_unset("deregistration_delay") {
                true => Some(300.0),
                false => group.number("deregistration_delay"),
            };
            let container = block.text("container_name").and_then(|name| task.container(name));
            let (Some(delay), Some(container)) = (delay, container) else { continue };
            let stop = container["stopTimeout"].as_f64().unwrap_or(30.0);
            if delay + stop > NOTICE {
                let summary = format!(
                    "On Spot, draining for {delay} s and stopping within {stop} s is more than the 120 s of an interruption"
                );
                report.tell(group, &["deregistration_delay"], summary);
            }
        }
    }
}
