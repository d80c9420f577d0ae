//! `aws_cloudwatch_event_target`: where a rule's events go.

use async_trait::async_trait;
use neargate_api_types::events;
use neargate_aws_client::pages;
use serde_json::{Value as Json, json};

use super::cloudwatch_event_rule::{DEFAULT_BUS, MISSING, bus_of};
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};

pub struct EventTarget;

/// Targets of services that Neargate's operations do not carry.
const UNSENT: [&str; 8] = [
    "appsync_target",
    "batch_target",
    "http_target",
    "kinesis_target",
    "redshift_target",
    "run_command_targets",
    "sagemaker_pipeline_target",
    "sqs_target",
];

#[async_trait]
impl Resource for EventTarget {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["event_bus_name", "rule", "target_id"],
            defaults: &[
                ("ecs_target.enable_ecs_managed_tags", Fallback::Bool(false)),
                ("ecs_target.enable_execute_command", Fallback::Bool(false)),
                ("ecs_target.network_configuration.assign_public_ip", Fallback::Bool(false)),
                ("ecs_target.task_count", Fallback::Number(1)),
                ("event_bus_name", Fallback::Text(DEFAULT_BUS)),
                ("force_destroy", Fallback::Bool(false)),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        put(cloud, planned, &target_id(cloud, planned)).await?;
        Ok(new_id(cloud, planned))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let (bus, rule, id) = (bus_of(&known), known.required("rule"), known.id());
        let targets = pages(|next_token| {
            let input = events::ListTargetsByRuleRequest {
                event_bus_name: Some(bus.clone()),
                next_token,
                rule: rule.clone(),
                ..Default::default()
            };
            async move {
                let page = cloud.call::<events::ListTargetsByRule>(&input).await?;
                Ok((page.targets.unwrap_or_default(), page.next_token))
            }
        });
        let targets = found(targets.await, &MISSING)?.unwrap_or_default();
        let is_it = |target: &events::Target| id.ends_with(&format!("{rule}-{}", target.id));
        let Some(target) = targets.into_iter().find(is_it) else { return Ok(None) };
        let retry = target.retry_policy.map(|policy| {
            json!({
                "maximum_event_age_in_seconds": policy.maximum_event_age_in_seconds.unwrap_or(0),
                "maximum_retry_attempts": policy.maximum_retry_attempts.unwrap_or(0),
            })
        });
        let transformer = target.input_transformer.map(|transformer| {
            json!({
                "input_paths": transformer.input_paths_map.unwrap_or_default(),
                "input_template": transformer.input_template,
            })
        });
        let letters = target.dead_letter_config.map(|config| json!({ "arn": config.arn }));
        known.extend(json!({
            "arn": target.arn,
            "dead_letter_config": letters.into_iter().collect::<Vec<_>>(),
            "ecs_target": target.ecs_parameters.map(of_ecs).into_iter().collect::<Vec<_>>(),
            "event_bus_name": bus,
            "force_destroy": known.is("force_destroy"),
            "input": target.input.unwrap_or_default(),
            "input_path": target.input_path.unwrap_or_default(),
            "input_transformer": transformer.into_iter().collect::<Vec<_>>(),
            "retry_policy": retry.into_iter().collect::<Vec<_>>(),
            "role_arn": target.role_arn.unwrap_or_default(),
            "rule": rule,
            "target_id": target.id,
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        put(cloud, planned, &planned.required("target_id")).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = events::RemoveTargetsRequest {
            event_bus_name: Some(bus_of(prior)),
            force: prior.bool("force_destroy").filter(|force| *force),
            ids: vec![prior.required("target_id")],
            rule: prior.required("rule"),
        };
        found(cloud.call::<events::RemoveTargets>(&input).await, &MISSING)?;
        Ok(())
    }

    /// `RULE/TARGET`, or `BUS/RULE/TARGET`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let mut parts = id.rsplitn(3, '/');
        let (Some(target), Some(rule)) = (parts.next(), parts.next()) else {
            return Err(Failure::told(format!("{id} is not of the form RULE/TARGET")));
        };
        let bus = parts.next().unwrap_or(DEFAULT_BUS);
        Ok(Attributes::from(json!({
            "event_bus_name": bus,
            "id": format!("{rule}-{target}"),
            "rule": rule,
            "target_id": target,
        })))
    }
}

async fn put(cloud: &Cloud, planned: &Attributes, target_id: &str) -> Result<(), Failure> {
    if let Some(name) = UNSENT.iter().find(|name| planned.block(name).is_some()) {
        return Err(Failure::told(format!("{name} is not supported: leave it out")));
    }
    let transformer = planned.block("input_transformer").map(|block| events::InputTransformer {
        input_paths_map: Some(block.map("input_paths")).filter(|paths| !paths.is_empty()),
        input_template: block.required("input_template"),
    });
    let retry = planned.block("retry_policy").map(|block| events::RetryPolicy {
        maximum_event_age_in_seconds: block.number("maximum_event_age_in_seconds"),
        maximum_retry_attempts: block.number("maximum_retry_attempts"),
    });
    let letters = planned.block("dead_letter_config");
    let target = events::Target {
        arn: planned.required("arn"),
        dead_letter_config: letters
            .map(|block| events::DeadLetterConfig { arn: block.string("arn") }),
        ecs_parameters: planned.block("ecs_target").map(|block| to_ecs(&block)),
        id: target_id.to_owned(),
        input: planned.string("input"),
        input_path: planned.string("input_path"),
        input_transformer: transformer,
        retry_policy: retry,
        role_arn: planned.string("role_arn"),
        ..Default::default()
    };
    let input = events::PutTargetsRequest {
        event_bus_name: Some(bus_of(planned)),
        rule: planned.required("rule"),
        targets: vec![target],
    };
    let failed = cloud.call::<events::PutTargets>(&input).await?.failed_entries.unwrap_or_default();
    match failed.into_iter().next() {
        None => Ok(()),
        Some(entry) => Err(Failure::told(format!(
            "{}: {}",
            entry.error_code.unwrap_or_default(),
            entry.error_message.unwrap_or_default()
        ))),
    }
}

fn to_ecs(block: &Attributes) -> events::EcsParameters {
    let strategy = block.blocks("capacity_provider_strategy").into_iter().map(|item| {
        events::CapacityProviderStrategyItem {
            base: item.number("base"),
            capacity_provider: item.required("capacity_provider"),
            weight: item.number("weight"),
        }
    });
    let strategy: Vec<_> = strategy.collect();
    let network = block.block("network_configuration").map(|network| {
        let public = if network.is("assign_public_ip") { "ENABLED" } else { "DISABLED" };
        let awsvpc_configuration = Some(events::AwsVpcConfiguration {
            assign_public_ip: Some(public.to_owned()),
            security_groups: network.some_texts("security_groups"),
            subnets: network.texts("subnets"),
        });
        events::NetworkConfiguration { awsvpc_configuration }
    });
    let tags = block.map("tags").into_iter().map(|(key, value)| events::Tag { key, value });
    events::EcsParameters {
        capacity_provider_strategy: Some(strategy).filter(|items| !items.is_empty()),
        enable_ecs_managed_tags: block.bool("enable_ecs_managed_tags"),
        enable_execute_command: block.bool("enable_execute_command"),
        group: block.string("group"),
        launch_type: block.string("launch_type"),
        network_configuration: network,
        platform_version: block.string("platform_version"),
        propagate_tags: block.string("propagate_tags"),
        tags: Some(tags.collect::<Vec<_>>()).filter(|tags| !tags.is_empty()),
        task_count: block.number("task_count"),
        task_definition_arn: block.required("task_definition_arn"),
        ..Default::default()
    }
}

fn of_ecs(parameters: events::EcsParameters) -> Json {
    let strategy = parameters.capacity_provider_strategy.unwrap_or_default().into_iter();
    let strategy = strategy.map(|item| {
        json!({
            "base": item.base.unwrap_or(0),
            "capacity_provider": item.capacity_provider,
            "weight": item.weight.unwrap_or(0),
        })
    });
    let network = parameters.network_configuration.and_then(|network| network.awsvpc_configuration);
    let network = network.map(|network| {
        json!({
            "assign_public_ip": network.assign_public_ip.as_deref() == Some("ENABLED"),
            "security_groups": network.security_groups.unwrap_or_default(),
            "subnets": network.subnets,
        })
    });
    let tags = parameters.tags.unwrap_or_default().into_iter();
    let tags: serde_json::Map<_, _> = tags.map(|tag| (tag.key, Json::from(tag.value))).collect();
    json!({
        "capacity_provider_strategy": strategy.collect::<Vec<_>>(),
        "enable_ecs_managed_tags": parameters.enable_ecs_managed_tags.unwrap_or(false),
        "enable_execute_command": parameters.enable_execute_command.unwrap_or(false),
        "group": parameters.group.unwrap_or_default(),
        "launch_type": parameters.launch_type.unwrap_or_default(),
        "network_configuration": network.into_iter().collect::<Vec<_>>(),
        "ordered_placement_strategy": [],
        "placement_constraint": [],
        "platform_version": parameters.platform_version.unwrap_or_default(),
        "propagate_tags": parameters.propagate_tags.unwrap_or_default(),
        "tags": if tags.is_empty() { Json::Null } else { Json::Object(tags) },
        "task_count": parameters.task_count.unwrap_or(1),
        "task_definition_arn": parameters.task_definition_arn,
    })
}

fn target_id(cloud: &Cloud, planned: &Attributes) -> String {
    planned.string("target_id").unwrap_or_else(|| cloud.unique_name(None))
}

/// The id of what is planned.
pub fn new_id(cloud: &Cloud, planned: &Attributes) -> String {
    let (bus, rule, target) =
        (bus_of(planned), planned.required("rule"), target_id(cloud, planned));
    if bus == DEFAULT_BUS { format!("{rule}-{target}") } else { format!("{bus}-{rule}-{target}") }
}
