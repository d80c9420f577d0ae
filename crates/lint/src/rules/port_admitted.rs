//! Whether the load balancer reaches the container: through its own group and the tasks'.

use super::Rule;
use crate::aws::network::{Direction, lets};
use crate::aws::{balancer, service};
use crate::finding::{Report, Severity};
use crate::seen::{Object, Seen};

pub static RULE: Rule = Rule {
    id: "port-admitted",
    severity: Severity::Error,
    looks_for: "a container port that no security group lets the load balancer reach",
    on_aws: "Health checks time out, targets stay unhealthy (Target.Timeout), clients get 504, and ECS \
             replaces the tasks without end.",
    change: "Let TCP to the container's port in from the load balancer's security group, and out of that \
             one to the tasks'.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let tasks = service::network(one).and_then(|network| network.texts("security_groups"));
        let Some(tasks) = tasks.filter(|groups| !groups.is_empty()) else { continue };
        for (block, group) in service::groups(seen, one) {
            let Some(port) = block.number("container_port") else { continue };
            let arn = group.text("arn").unwrap_or_default();
            for balancer in balancer::in_front(seen, arn) {
                let Some(its) = balancer.texts("security_groups") else { continue };
                let passes = |groups: &[&str], direction, others: &[&str]| {
                    let mut each = groups.iter().map(|it| lets(seen, it, direction, port, others));
                    // What is not known may let it through.
                    groups.is_empty() || each.any(|one| one != Some(false))
                };
                if !passes(&tasks, Direction::In, &its) {
                    let summary = format!(
                        "No security group of the service lets TCP {port} in from the load balancer"
                    );
                    report.tell(one, &["network_configuration", "security_groups"], summary);
                }
                if !passes(&its, Direction::Out, &tasks) {
                    let summary = format!(
                        "No security group of the load balancer lets TCP {port} out to the tasks"
                    );
                    report.tell(balancer, &["security_groups"], summary);
                }
            }
        }
    }
}
