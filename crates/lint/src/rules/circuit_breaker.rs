//! Whether a deployment that fails comes to an end.

use super::Rule;
use crate::aws::service;
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "circuit-breaker",
    severity: Severity::Warning,
    looks_for: "a service without a deployment circuit breaker",
    on_aws: "A deployment whose tasks fail never ends: ECS starts new ones for as long as nobody looks, \
             and each pull and start is paid.",
    change: "Add `deployment_circuit_breaker { enable = true, rollback = true }` to the service.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen).filter(|one| service::is_rolling(one)) {
        let Some(blocks) = one.blocks("deployment_circuit_breaker") else { continue };
        let path = ["deployment_circuit_breaker", "enable"];
        match blocks.first() {
            None => report.tell(one, &path, "The service has no deployment circuit breaker"),
            Some(block) if block.flag("enable") == Some(false) => {
                report.tell(one, &path, "The deployment circuit breaker of the service is off");
            }
            Some(_) => {}
        }
    }
}
