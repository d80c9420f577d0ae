//! A cluster: tasks are run in it, as the target's role. The token makes that
//! once, however often the delivery is tried.

use neargate_api::Stored;
use neargate_api::types::ecs::{
    self, AwsVpcConfiguration, CapacityProviderStrategyItem, NetworkConfiguration, RunTaskRequest,
    TaskOverride,
};
use neargate_api::types::events::EcsParameters;

use super::Destination;
use crate::deliver::Refusal;
use crate::fingerprint::uuid_of;

impl Destination<'_> {
    pub(super) async fn run_tasks(&self, cluster: &str, text: &str) -> Result<(), Refusal> {
        let Some(parameters) = &self.target.ecs_parameters else {
            return Err(Refusal::for_good("the target has no EcsParameters"));
        };
        let own_input = self.target.input.is_some()
            || self.target.input_path.is_some()
            || self.target.input_transformer.is_some();
        let overrides = match own_input {
            true => Some(overrides(text)?),
            false => None,
        };
        let input = RunTaskRequest {
            cluster: Some(cluster.to_owned()),
            client_token: Some(uuid_of(&self.delivery.number)),
            started_by: Some(format!("events-rule/{}", self.rule.name)),
            overrides,
            ..request(parameters)
        };
        let services = &self.bridge.services;
        let ran = services.invoke::<ecs::RunTask>(&ecs::SERVICE, self.ctx()?, input).await?;
        match ran.failures.unwrap_or_default().first() {
            None => Ok(()),
            Some(failure) => {
                let reason = failure.reason.as_deref().unwrap_or("unknown");
                Err(Refusal { why: format!("RunTask: {reason}"), may_pass: true })
            }
        }
    }
}

/// `{"containerOverrides": …}`, as RunTask takes it.
fn overrides(text: &str) -> Result<TaskOverride, Refusal> {
    serde_json::from_str::<Stored<TaskOverride>>(text)
        .map(|overrides| overrides.0)
        .map_err(|error| Refusal::for_good(format!("the input is no override of a task: {error}")))
}

fn request(parameters: &EcsParameters) -> RunTaskRequest {
    let strategy = parameters.capacity_provider_strategy.as_ref().map(|items| {
        let item = |item: &neargate_api::types::events::CapacityProviderStrategyItem| {
            CapacityProviderStrategyItem {
                base: item.base,
                capacity_provider: item.capacity_provider.clone(),
                weight: item.weight,
            }
        };
        items.iter().map(item).collect()
    });
    let network = parameters.network_configuration.as_ref();
    let network = network.and_then(|network| network.awsvpc_configuration.as_ref());
    let network = network.map(|network| NetworkConfiguration {
        awsvpc_configuration: Some(AwsVpcConfiguration {
            assign_public_ip: network.assign_public_ip.clone(),
            security_groups: network.security_groups.clone(),
            subnets: network.subnets.clone(),
        }),
    });
    let tags = parameters
        .tags
        .iter()
        .flatten()
        .map(|tag| ecs::Tag { key: Some(tag.key.clone()), value: Some(tag.value.clone()) });
    RunTaskRequest {
        capacity_provider_strategy: strategy,
        count: parameters.task_count,
        enable_ecs_managed_tags: parameters.enable_ecs_managed_tags,
        enable_execute_command: parameters.enable_execute_command,
        group: parameters.group.clone(),
        launch_type: parameters.launch_type.clone(),
        network_configuration: network,
        placement_constraints: parameters.placement_constraints.as_ref().map(|given| {
            given
                .iter()
                .map(|given| ecs::PlacementConstraint {
                    expression: given.expression.clone(),
                    r#type: given.r#type.clone(),
                })
                .collect()
        }),
        placement_strategy: parameters.placement_strategy.as_ref().map(|given| {
            given
                .iter()
                .map(|given| ecs::PlacementStrategy {
                    field: given.field.clone(),
                    r#type: given.r#type.clone(),
                })
                .collect()
        }),
        platform_version: parameters.platform_version.clone(),
        propagate_tags: parameters.propagate_tags.clone(),
        reference_id: parameters.reference_id.clone(),
        tags: (!parameters.tags.as_deref().unwrap_or_default().is_empty()).then(|| tags.collect()),
        task_definition: parameters.task_definition_arn.clone(),
        ..Default::default()
    }
}
