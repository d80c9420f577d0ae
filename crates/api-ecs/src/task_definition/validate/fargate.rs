//! What Fargate does not have, and what it demands: refused as AWS refuses it
//! where its words are known.
//! Source: "Task definition differences for Fargate" in the ECS developer guide;
//! the member documentation of AWS's model.

use neargate_api::AwsError;
use neargate_api::types::ecs::{
    ContainerDefinition, LinuxParameters, RegisterTaskDefinitionRequest, Volume, error,
};

use super::units;

/// Memory sizes in MiB that Fargate has for a CPU size.
fn memory_sizes(cpu: u32) -> Vec<u32> {
    let gib = |from: u32, to: u32, step: u32| {
        (from..=to).step_by(step as usize).map(|g| g * 1024).collect()
    };
    match cpu {
        256 => vec![512, 1024, 2048],
        512 => gib(1, 4, 1),
        1024 => gib(2, 8, 1),
        2048 => gib(4, 16, 1),
        4096 => gib(8, 30, 1),
        8192 => gib(16, 60, 4),
        16384 => gib(32, 120, 8),
        _ => Vec::new(),
    }
}

/// Whether Fargate has this size, given in CPU units and MiB or in vCPU and GB.
pub fn has_size(cpu: &str, memory: &str) -> bool {
    units(cpu, "vcpu")
        .zip(units(memory, "gb"))
        .is_some_and(|(cpu, memory)| memory_sizes(cpu).contains(&memory))
}

/// What is said of a size that Fargate does not have.
pub const NO_SIZE: &str = "No Fargate configuration exists for given values: for the CPU sizes 256, 512, 1024, 2048, \
     4096, 8192 and 16384 the memory sizes are in the table \"Task CPU and memory\" of the ECS developer guide.";

fn refuse(message: impl Into<String>) -> Result<(), AwsError> {
    Err(error::client_exception(message.into()))
}

/// Refuses what could not run on Fargate.
pub fn check(input: &RegisterTaskDefinitionRequest) -> Result<(), AwsError> {
    let (Some(cpu), Some(memory)) = (input.cpu.as_deref(), input.memory.as_deref()) else {
        let missing = if input.cpu.is_none() { "cpu" } else { "memory" };
        return refuse(format!("Fargate requires that '{missing}' be defined at the task level."));
    };
    if !has_size(cpu, memory) {
        return refuse(NO_SIZE);
    }
    if input.network_mode.as_deref() != Some("awsvpc") {
        return refuse("Fargate only supports network mode 'awsvpc'.");
    }
    execution_role(input)?;
    task(input)?;
    for name in input.volumes.iter().flatten() {
        volume(name)?;
    }
    for definition in &input.container_definitions {
        container(definition)?;
    }
    reserved(input, units(cpu, "vcpu"), units(memory, "gb"))
}

/// What only a session of the execution role can fetch.
fn execution_role(input: &RegisterTaskDefinitionRequest) -> Result<(), AwsError> {
    if input.execution_role_arn.is_some() {
        return Ok(());
    }
    let containers = &input.container_definitions;
    if containers.iter().any(|c| c.log_configuration.is_some()) {
        return refuse(
            "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
        );
    }
    if containers.iter().any(|c| c.secrets.as_ref().is_some_and(|s| !s.is_empty())) {
        return refuse(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
        );
    }
    if containers.iter().any(|c| c.environment_files.as_ref().is_some_and(|f| !f.is_empty())) {
        return refuse(
            "Fargate requires task definition to have execution role ARN to support environment files.",
        );
    }
    Ok(())
}

fn task(input: &RegisterTaskDefinitionRequest) -> Result<(), AwsError> {
    if let Some(storage) = &input.ephemeral_storage
        && !(21..=200).contains(&storage.size_in_gi_b)
    {
        return refuse("EphemeralStorage must be between 21 and 200 GiB.");
    }
    if input.ipc_mode.is_some() {
        return refuse("Tasks using the Fargate launch type do not support ipcMode.");
    }
    match input.pid_mode.as_deref() {
        None => {}
        Some("task") => return refuse("Neargate does not run tasks with pidMode 'task' yet."),
        Some(other) => {
            return refuse(format!(
                "Tasks using the Fargate launch type do not support pidMode '{other}'. The supported value for pidMode \
                 is 'task'."
            ));
        }
    }
    if input.placement_constraints.as_ref().is_some_and(|c| !c.is_empty()) {
        return refuse("Placement constraints are not supported with FARGATE launch type.");
    }
    if input.inference_accelerators.as_ref().is_some_and(|a| !a.is_empty()) {
        return refuse("Fargate compatible task definitions do not support inferenceAccelerators");
    }
    if input.proxy_configuration.is_some() {
        return refuse("Neargate does not run tasks with proxyConfiguration: it has no App Mesh.");
    }
    if input.enable_fault_injection == Some(true) {
        return refuse("Neargate does not inject faults yet: leave enableFaultInjection out.");
    }
    let platform = input.runtime_platform.as_ref();
    match platform.and_then(|p| p.operating_system_family.as_deref()) {
        None | Some("LINUX") => Ok(()),
        Some(other) => refuse(format!(
            "Neargate runs Linux containers only: operatingSystemFamily cannot be {other}."
        )),
    }
}

fn volume(volume: &Volume) -> Result<(), AwsError> {
    if volume.host.as_ref().is_some_and(|h| h.source_path.is_some()) {
        return refuse("host.sourcePath should not be set for volumes in Fargate.");
    }
    let kind = match volume {
        v if v.docker_volume_configuration.is_some() => "dockerVolumeConfiguration",
        v if v.efs_volume_configuration.is_some() => "efsVolumeConfiguration",
        v if v.s3files_volume_configuration.is_some() => "s3filesVolumeConfiguration",
        v if v.fsx_windows_file_server_volume_configuration.is_some() => {
            "fsxWindowsFileServerVolumeConfiguration"
        }
        v if v.configured_at_launch == Some(true) => "configuredAtLaunch",
        _ => return Ok(()),
    };
    refuse(format!("Neargate has no volumes with {kind}; use an empty volume (a name alone)."))
}

fn container(container: &ContainerDefinition) -> Result<(), AwsError> {
    let name = container.name.as_deref().unwrap_or_default();
    let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
    let not_on_fargate = match container {
        c if c.privileged == Some(true) => Some("privileged"),
        c if some(&c.docker_security_options) => Some("dockerSecurityOptions"),
        c if c.resource_requirements.as_ref().is_some_and(|r| !r.is_empty()) => {
            Some("resourceRequirements")
        }
        _ => None,
    };
    if let Some(setting) = not_on_fargate {
        return refuse(format!("Fargate compatible task definitions do not support {setting}"));
    }
    let not_in_awsvpc = match container {
        c if some(&c.links) => Some("Links"),
        c if c.hostname.is_some() => Some("hostname"),
        c if some(&c.dns_servers) => Some("dnsServers"),
        c if some(&c.dns_search_domains) => Some("dnsSearchDomains"),
        c if c.extra_hosts.as_ref().is_some_and(|h| !h.is_empty()) => Some("extraHosts"),
        c if c.disable_networking == Some(true) => Some("disableNetworking"),
        _ => None,
    };
    if let Some(setting) = not_in_awsvpc {
        return refuse(format!("{setting} are not supported when networkMode=awsvpc."));
    }
    for (setting, seconds) in
        [("startTimeout", container.start_timeout), ("stopTimeout", container.stop_timeout)]
    {
        if seconds.is_some_and(|s| !(2..=120).contains(&s)) {
            return refuse(format!(
                "Invalid {setting} for container '{name}': Fargate allows 2 to 120 seconds."
            ));
        }
    }
    container.linux_parameters.as_ref().map_or(Ok(()), linux_parameters)
}

fn linux_parameters(linux: &LinuxParameters) -> Result<(), AwsError> {
    let setting = match linux {
        l if l.devices.as_ref().is_some_and(|d| !d.is_empty()) => "devices",
        l if l.shared_memory_size.is_some() => "sharedMemorySize",
        l if l.max_swap.is_some() => "maxSwap",
        l if l.swappiness.is_some() => "swappiness",
        _ => {
            let added = linux.capabilities.iter().filter_map(|c| c.add.as_ref()).flatten();
            let mut unknown = added.filter(|c| c.as_str() != "SYS_PTRACE").cloned().peekable();
            if unknown.peek().is_none() {
                return Ok(());
            }
            let names: Vec<String> = unknown.collect();
            return refuse(format!(
                "Fargate compatible task definitions do not support adding the capabilities [{}]: SYS_PTRACE alone can \
                 be added.",
                names.join(", ")
            ));
        }
    };
    refuse(format!("Fargate compatible task definitions do not support {setting}"))
}

/// What the containers reserve together must be there for the task.
fn reserved(
    input: &RegisterTaskDefinitionRequest,
    cpu: Option<u32>,
    memory: Option<u32>,
) -> Result<(), AwsError> {
    let containers = &input.container_definitions;
    let total_cpu: i64 = containers.iter().filter_map(|c| c.cpu).map(i64::from).sum();
    if cpu.is_some_and(|cpu| total_cpu > i64::from(cpu)) {
        return refuse(
            "The sum of all container cpu values cannot be greater than the value of the task cpu.",
        );
    }
    for container in containers {
        let name = container.name.as_deref().unwrap_or_default();
        let most = container.memory.max(container.memory_reservation).map(i64::from);
        if most.zip(memory).is_some_and(|(most, memory)| most > i64::from(memory)) {
            return refuse(format!(
                "Invalid setting for container '{name}'. The memory of a container cannot be greater than that of the task."
            ));
        }
    }
    let reserved = containers.iter().filter_map(|c| c.memory_reservation.or(c.memory));
    let total: i64 = reserved.map(i64::from).sum();
    if memory.is_some_and(|memory| total > i64::from(memory)) {
        return refuse(
            "The sum of all container memory reservations cannot be greater than the value of the task memory.",
        );
    }
    Ok(())
}
