//! The AppSpec file of an ECS deployment, in YAML or in JSON, which is YAML too.
//! Source: "AppSpec 'resources' section structure for Amazon ECS deployments" in the
//! CodeDeploy guide. Names are taken in any case, as AWS's own clients do.

use neargate_api::model::codedeploy::TaskSetSpec;
use neargate_api::types::codedeploy::error;
use neargate_api::types::ecs::{
    AwsVpcConfiguration, CapacityProviderStrategyItem, NetworkConfiguration,
};
use neargate_api::{AwsError, Stored};
use yaml_rust2::{Yaml, YamlLoader};

/// Reads the one target service.
pub fn read(text: &str) -> Result<TaskSetSpec, AwsError> {
    let documents = YamlLoader::load_from_str(text)
        .map_err(|why| refused(format!("The AppSpec file is neither YAML nor JSON: {why}")))?;
    let [document] = documents.as_slice() else {
        return Err(refused("The AppSpec file must be one document"));
    };
    check_version(document)?;
    check_hooks(document)?;
    let service = target_service(document)?;
    if text_of(service, "Type").as_deref() != Some("AWS::ECS::Service") {
        return Err(refused(
            "The Type of the AppSpec file's target service must be AWS::ECS::Service",
        ));
    }
    properties(require(service, "Properties", "the target service")?)
}

fn refused(why: impl Into<String>) -> AwsError {
    error::invalid_revision_exception(why.into())
}

/// The member of this name, in whatever case.
fn member<'a>(of: &'a Yaml, name: &str) -> Option<&'a Yaml> {
    let members = of.as_hash()?;
    let same = |key: &Yaml| key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name));
    members.iter().find(|(key, _)| same(key)).map(|(_, value)| value).filter(|v| !v.is_null())
}

fn require<'a>(of: &'a Yaml, name: &str, whose: &str) -> Result<&'a Yaml, AwsError> {
    member(of, name).ok_or_else(|| refused(format!("The AppSpec file has no {name} of {whose}")))
}

fn text_of(of: &Yaml, name: &str) -> Option<String> {
    match member(of, name)? {
        Yaml::String(text) | Yaml::Real(text) => Some(text.clone()),
        Yaml::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number_of(of: &Yaml, name: &str) -> Option<i32> {
    text_of(of, name)?.trim().parse().ok()
}

fn texts_of(of: &Yaml, name: &str) -> Option<Vec<String>> {
    let items = member(of, name)?.as_vec()?;
    Some(items.iter().filter_map(Yaml::as_str).map(str::to_owned).collect())
}

fn check_version(document: &Yaml) -> Result<(), AwsError> {
    match text_of(document, "version").as_deref() {
        Some("0.0" | "0" | "1.0" | "1") => Ok(()),
        other => Err(refused(format!(
            "The version of the AppSpec file must be 0.0, not {}",
            other.unwrap_or("nothing")
        ))),
    }
}

/// Hooks are functions of Lambda.
fn check_hooks(document: &Yaml) -> Result<(), AwsError> {
    let hooks = member(document, "Hooks").and_then(Yaml::as_vec);
    match hooks.is_some_and(|hooks| !hooks.is_empty()) {
        false => Ok(()),
        true => Err(refused(
            "Neargate has no Lambda functions that could run the Hooks of the AppSpec file: leave them out.",
        )),
    }
}

fn target_service(document: &Yaml) -> Result<&Yaml, AwsError> {
    let resources = require(document, "Resources", "the document")?.as_vec();
    let services: Vec<&Yaml> = resources
        .into_iter()
        .flatten()
        .filter_map(|resource| resource.as_hash())
        .flat_map(|resource| resource.iter().map(|(_, service)| service))
        .collect();
    match services[..] {
        [service] => Ok(service),
        _ => Err(refused("The Resources of the AppSpec file must be exactly one target service")),
    }
}

fn properties(properties: &Yaml) -> Result<TaskSetSpec, AwsError> {
    let missing = |what: &str| refused(format!("The AppSpec file has no {what}"));
    let balancer = require(properties, "LoadBalancerInfo", "the target service")?;
    let strategy = member(properties, "CapacityProviderStrategy").and_then(Yaml::as_vec);
    Ok(TaskSetSpec {
        task_definition_arn: text_of(properties, "TaskDefinition")
            .ok_or_else(|| missing("TaskDefinition"))?,
        container_name: text_of(balancer, "ContainerName")
            .ok_or_else(|| missing("ContainerName in its LoadBalancerInfo"))?,
        container_port: number_of(balancer, "ContainerPort")
            .ok_or_else(|| missing("ContainerPort in its LoadBalancerInfo"))?,
        platform_version: text_of(properties, "PlatformVersion"),
        network: member(properties, "NetworkConfiguration").and_then(network).map(Stored),
        capacity_provider_strategy: strategy
            .map(|items| items.iter().map(strategy_item).map(Stored).collect()),
    })
}

fn network(given: &Yaml) -> Option<NetworkConfiguration> {
    let vpc = member(given, "AwsvpcConfiguration")?;
    let subnets = texts_of(vpc, "Subnets").unwrap_or_default();
    (!subnets.is_empty()).then(|| NetworkConfiguration {
        awsvpc_configuration: Some(AwsVpcConfiguration {
            subnets,
            security_groups: Some(texts_of(vpc, "SecurityGroups").unwrap_or_default()),
            assign_public_ip: Some(
                text_of(vpc, "AssignPublicIp").unwrap_or_else(|| "DISABLED".into()),
            ),
        }),
    })
}

fn strategy_item(given: &Yaml) -> CapacityProviderStrategyItem {
    CapacityProviderStrategyItem {
        capacity_provider: text_of(given, "CapacityProvider").unwrap_or_default(),
        base: number_of(given, "Base"),
        weight: number_of(given, "Weight"),
    }
}
