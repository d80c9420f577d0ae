//! Whether a strategy with Fargate Spot ever uses it.

use super::Rule;
use crate::aws::service;
use crate::finding::{Report, Severity};
use crate::seen::Seen;

pub static RULE: Rule = Rule {
    id: "spot-unused",
    severity: Severity::Warning,
    looks_for: "base and weights of a capacity provider strategy that never use Spot",
    on_aws: "Every task runs on demand, at more than three times the price of Spot, though the strategy \
             names FARGATE_SPOT.",
    change: "Give FARGATE_SPOT a `weight`, and FARGATE a `base` below the number of tasks.",
    check,
};

fn check(seen: &Seen<'_>, report: &mut Report<'_>) {
    for one in service::all(seen) {
        let Some(strategy) = service::strategy(one) else { continue };
        let Some(spot) = strategy.iter().find(|it| it.provider == "FARGATE_SPOT") else { continue };
        let path = ["capacity_provider_strategy", "base"];
        if spot.base == 0.0 && spot.weight == 0.0 {
            report.tell(one, &path, "FARGATE_SPOT has neither a base nor a weight");
            continue;
        }
        let on_demand = strategy.iter().find(|it| it.provider == "FARGATE");
        let Some(most) = service::most_tasks(seen, one) else { continue };
        if let Some(on_demand) = on_demand.filter(|it| spot.base == 0.0 && it.base >= most) {
            let summary = format!(
                "The base of FARGATE is {}, and there are never more than {most} tasks",
                on_demand.base
            );
            report.tell(one, &path, summary);
        }
    }
}
