//! Services: how many tasks, where, and behind what.

use neargate_hcl::Value;

use crate::seen::{Object, Resource, Seen};

pub fn all<'a>(seen: &'a Seen<'a>) -> impl Iterator<Item = &'a Resource<'a>> {
    seen.of("aws_ecs_service")
}

/// Whether its tasks run on Fargate: as its strategy says, or its launch type.
pub fn is_on_fargate(service: &Resource<'_>) -> bool {
    let strategy = strategy(service).unwrap_or_default();
    service.text("launch_type") == Some("FARGATE")
        || strategy.iter().any(|item| item.provider.starts_with("FARGATE"))
}

/// Whether ECS itself replaces its tasks, and not CodeDeploy or somebody else.
pub fn is_rolling(service: &Resource<'_>) -> bool {
    let controller = service.block("deployment_controller");
    controller.and_then(|block| block.text("type")).unwrap_or("ECS") == "ECS"
}

/// One item of a strategy.
pub struct Share<'a> {
    pub provider: &'a str,
    pub base: f64,
    pub weight: f64,
}

/// None where it is not known.
pub fn strategy<'a>(service: &'a Resource<'_>) -> Option<Vec<Share<'a>>> {
    let share = |item: &'a Value| {
        let number = |name: &str| match item.is_unset(name) {
            true => Some(0.0),
            false => item.number(name),
        };
        let provider = item.text("capacity_provider")?;
        Some(Share { provider, base: number("base")?, weight: number("weight")? })
    };
    service.blocks("capacity_provider_strategy")?.iter().map(share).collect()
}

/// What scales it.
pub fn scaling<'a>(seen: &'a Seen<'a>, service: &Resource<'_>) -> Option<&'a Resource<'a>> {
    let name = service.text("name")?;
    let of_cluster = service.text("cluster").map(|cluster| cluster.rsplit('/').next());
    seen.of("aws_appautoscaling_target").find(|target| {
        let id = target.text("resource_id").unwrap_or_default();
        let mut parts = id.rsplit('/');
        let same_name = parts.next() == Some(name);
        same_name && of_cluster.is_none_or(|cluster| parts.next() == cluster)
    })
}

/// As many tasks as there may be.
pub fn most_tasks(seen: &Seen<'_>, service: &Resource<'_>) -> Option<f64> {
    match scaling(seen, service) {
        Some(target) => target.number("max_capacity"),
        None if service.is_unset("desired_count") => Some(1.0),
        None => service.number("desired_count"),
    }
}

/// Its groups of targets: `load_balancer` blocks with the group where it is made here.
pub fn groups<'a>(
    seen: &'a Seen<'a>,
    service: &'a Resource<'a>,
) -> Vec<(&'a Value, &'a Resource<'a>)> {
    let blocks = service.blocks("load_balancer").unwrap_or_default();
    let group = |block: &'a Value| {
        let arn = block.text("target_group_arn")?;
        let kinds = ["aws_lb_target_group", "aws_alb_target_group"];
        let group = kinds.iter().find_map(|kind| seen.find(kind, "arn", arn))?;
        Some((block, group))
    };
    blocks.iter().filter_map(group).collect()
}

/// Its `network_configuration`.
pub fn network<'a>(service: &'a Resource<'_>) -> Option<&'a Value> {
    service.block("network_configuration")
}
