//! What must be there before a service: a way from a load balancer to its target group.

use super::Rule;
use crate::aws::{balancer, service};
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "listener-order",
    severity: Severity::Warning,
    looks_for: "a service that may be made before the listener of its target group",
    on_aws: "ECS refuses the service while no listener leads to its target group: \"The target group … \
             does not have an associated load balancer\". Whether the first apply works is a race.",
    change: "Add `depends_on` with the listener (or the listener's rule) to the service.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let before = seen.stack.graph.resources_before(&one.address.config());
        for (_, group) in service::groups(seen, one) {
            let leading = balancer::leading_to(seen, group.text("arn").unwrap_or_default());
            let waits = leading.iter().any(|it| before.contains(&it.address.config()));
            if !leading.is_empty() && !waits {
                let summary = format!("Nothing makes {} before the service", leading[0].address);
                report.tell(one, &["load_balancer", "target_group_arn"], summary);
            }
        }
    }
}
