//! What of EventBridge is shown back but does not act.

use neargate_api::model::events::{DEFAULT_BUS, EventBus, Rule};
use neargate_api::{Inert, Snapshot};
use neargate_rules::Pattern;

/// What Neargate's services tell: source and detail type.
const TOLD: [(&str, &str); 5] = [
    ("aws.ecs", "ECS Task State Change"),
    ("aws.ecs", "ECS Service Action"),
    ("aws.ecs", "ECS Deployment State Change"),
    ("aws.ecr", "ECR Image Action"),
    ("aws.cloudwatch", "CloudWatch Alarm State Change"),
];

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let rules = snapshot.all::<Rule>().filter(|rule| !is_ever_told(rule)).map(|rule| {
        let on_aws = "AWS's services would tell the events that it selects; here none does.";
        Inert::new(&rule.arn, "EventPattern", on_aws)
    });
    let with_reads = snapshot
        .all::<Rule>()
        .filter(|rule| rule.state == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
        .map(|rule| {
            let on_aws =
                "AWS would also send the rule calls that only read, as CloudTrail tells them.";
            Inert::new(&rule.arn, "State", on_aws)
        });
    let buses = snapshot.all::<EventBus>().flat_map(|bus| of_bus(&bus));
    rules.chain(with_reads).chain(buses).collect()
}

fn of_bus(bus: &EventBus) -> Vec<Inert> {
    let mut told = Vec::new();
    if let Some(key) = &bus.kms_key_id {
        let on_aws = format!("AWS would encrypt the bus's events with {key}.");
        told.push(Inert::new(&bus.arn, "KmsKeyIdentifier", on_aws));
    }
    let level = bus.log_config.as_ref().and_then(|config| config.level.as_deref());
    if let Some(level) = level.filter(|level| *level != "OFF") {
        let on_aws =
            format!("AWS would log what becomes of the bus's events, at the level {level}.");
        told.push(Inert::new(&bus.arn, "LogConfig", on_aws));
    }
    if bus.policy.is_some() {
        let on_aws = "AWS would let the accounts that it names put events onto the bus.";
        told.push(Inert::new(&bus.arn, "Policy", on_aws));
    }
    told
}

/// Whether anybody here can tell an event that the rule selects. A custom source can be
/// told by PutEvents, on every bus; AWS's own are told by its services, on the default one.
fn is_ever_told(rule: &Rule) -> bool {
    let pattern = rule.pattern.as_deref().and_then(|text| Pattern::parse(text).ok());
    let Some(pattern) = pattern else { return true };
    let (sources, types) = (pattern.exact_values("source"), pattern.exact_values("detail-type"));
    let is_custom = |source: &&str| !source.starts_with("aws.");
    if sources.as_ref().is_none_or(|sources| sources.iter().any(is_custom)) {
        return true;
    }
    let asked = |asked: &Option<Vec<&str>>, value: &str| {
        asked.as_ref().is_none_or(|values| values.contains(&value))
    };
    rule.bus == DEFAULT_BUS
        && TOLD.iter().any(|(source, kind)| asked(&sources, source) && asked(&types, kind))
}
