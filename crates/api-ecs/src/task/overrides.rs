//! What RunTask may change of a task definition, checked as the definition itself was.

use neargate_api::AwsError;
use neargate_api::model::ecs::TaskDefinition;
use neargate_api::types::ecs::{ContainerOverride, TaskOverride, error};

use crate::task_definition::validate::{self, fargate};

fn refuse<T>(message: impl Into<String>) -> Result<T, AwsError> {
    Err(error::invalid_parameter_exception(message.into()))
}

/// The overrides with sizes in plain units, or what is wrong with them.
pub fn checked(
    definition: &TaskDefinition,
    mut overrides: TaskOverride,
) -> Result<TaskOverride, AwsError> {
    if overrides.inference_accelerator_overrides.as_ref().is_some_and(|o| !o.is_empty()) {
        return refuse("Fargate tasks do not support inferenceAcceleratorOverrides.");
    }
    if let Some(storage) = &overrides.ephemeral_storage
        && !(21..=200).contains(&storage.size_in_gi_b)
    {
        return refuse("EphemeralStorage must be between 21 and 200 GiB.");
    }
    let cpu = overrides.cpu.as_ref().or(definition.wire.cpu.as_ref());
    let memory = overrides.memory.as_ref().or(definition.wire.memory.as_ref());
    if let (Some(cpu), Some(memory)) = (cpu, memory)
        && !fargate::has_size(cpu, memory)
    {
        return Err(error::client_exception(fargate::NO_SIZE));
    }
    let task_mib = memory.and_then(|memory| validate::units(memory, "gb"));
    for given in overrides.container_overrides.iter().flatten() {
        container(definition, given, task_mib)?;
    }
    overrides.cpu = overrides.cpu.as_deref().map(|text| plain(text, "vcpu"));
    overrides.memory = overrides.memory.as_deref().map(|text| plain(text, "gb"));
    Ok(overrides)
}

fn plain(text: &str, unit: &str) -> String {
    validate::units(text, unit).map_or_else(|| text.to_owned(), |units| units.to_string())
}

fn container(
    definition: &TaskDefinition,
    given: &ContainerOverride,
    task_mib: Option<u32>,
) -> Result<(), AwsError> {
    let name = given.name.as_deref().unwrap_or_default();
    if !definition.containers().iter().any(|c| c.name.as_deref() == Some(name)) {
        return refuse(format!(
            "Override for container named {name} is not a container in the TaskDefinition."
        ));
    }
    if given.resource_requirements.as_ref().is_some_and(|r| !r.is_empty()) {
        return refuse("Fargate tasks do not support resourceRequirements.");
    }
    let most = given.memory.max(given.memory_reservation).and_then(|mib| u32::try_from(mib).ok());
    if most.zip(task_mib).is_some_and(|(most, task)| most > task) {
        return refuse(format!(
            "Invalid override of container '{name}': its memory cannot be greater than that of the task."
        ));
    }
    validate::environment_files(name, given.environment_files.as_deref().unwrap_or_default())
}
