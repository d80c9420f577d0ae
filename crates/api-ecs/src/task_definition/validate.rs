//! What a Fargate task definition must satisfy beyond its shapes.
//! Source: "Task definition parameters for Fargate" and "Task definition differences for Fargate".

use std::collections::BTreeSet;

use neargate_api::AwsError;
use neargate_api::types::ecs::{ContainerDefinition, RegisterTaskDefinitionRequest, error};
use neargate_plan::containers;

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

/// Refuses what AWS refuses, with its code and words.
pub fn check(input: &RegisterTaskDefinitionRequest) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    let family_ok = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if input.family.is_empty() || input.family.len() > 255 || !input.family.chars().all(family_ok) {
        return refuse("Family contains invalid characters: 1 to 255 letters, numbers, hyphens and underscores are allowed.".into());
    }
    if input.container_definitions.is_empty() {
        return refuse("Container list cannot be empty.".into());
    }
    if is_fargate(input) {
        check_fargate(input)?;
    }
    check_containers(input)
}

/// Whether the task must be able to run on Fargate.
pub fn is_fargate(input: &RegisterTaskDefinitionRequest) -> bool {
    input.requires_compatibilities.iter().flatten().any(|c| c == "FARGATE")
}

/// CPU units or MiB, which AWS also takes as `.25 vCPU` and `1 GB`.
pub fn units(text: &str, unit: &str) -> Option<u32> {
    let lower = text.trim().to_ascii_lowercase();
    match lower.strip_suffix(unit) {
        Some(number) => Some((number.trim().parse::<f64>().ok()? * 1024.0).round() as u32),
        None => lower.parse().ok(),
    }
}

fn check_fargate(input: &RegisterTaskDefinitionRequest) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::client_exception(message));
    let (Some(cpu), Some(memory)) = (input.cpu.as_deref(), input.memory.as_deref()) else {
        let missing = if input.cpu.is_none() { "cpu" } else { "memory" };
        return refuse(&format!("Fargate requires that '{missing}' be defined at the task level."));
    };
    let fits = units(cpu, "vcpu")
        .zip(units(memory, "gb"))
        .is_some_and(|(cpu, memory)| memory_sizes(cpu).contains(&memory));
    if !fits {
        return refuse(
            "No Fargate configuration exists for given values: for the CPU sizes 256, 512, 1024, 2048, 4096, 8192 and \
             16384 the memory sizes are in the table \"Task CPU and memory\" of the ECS developer guide.",
        );
    }
    if input.network_mode.as_deref() != Some("awsvpc") {
        return refuse("Fargate only supports network mode 'awsvpc'.");
    }
    if input.execution_role_arn.is_none() {
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
    }
    if let Some(storage) = &input.ephemeral_storage
        && !(21..=200).contains(&storage.size_in_gi_b)
    {
        return refuse("EphemeralStorage must be between 21 and 200 GiB.");
    }
    for volume in input.volumes.iter().flatten() {
        if volume.host.as_ref().is_some_and(|h| h.source_path.is_some()) {
            return refuse("host.sourcePath should not be set for volumes in Fargate.");
        }
        let kind = match volume {
            v if v.docker_volume_configuration.is_some() => "dockerVolumeConfiguration",
            v if v.efs_volume_configuration.is_some() => "efsVolumeConfiguration",
            v if v.fsx_windows_file_server_volume_configuration.is_some() => {
                "fsxWindowsFileServerVolumeConfiguration"
            }
            _ => continue,
        };
        return refuse(&format!(
            "Neargate has no volumes with {kind}; use an empty volume (a name alone)."
        ));
    }
    Ok(())
}

fn check_containers(input: &RegisterTaskDefinitionRequest) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    let mut names = BTreeSet::new();
    for container in &input.container_definitions {
        let name = container.name.as_deref().unwrap_or_default();
        let name_ok = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 255 || !name.chars().all(name_ok) {
            return refuse(
                "Container.name must be 1 to 255 letters, numbers, hyphens or underscores.".into(),
            );
        }
        if !names.insert(name) {
            return refuse(format!("Container.name contains duplicate entries: {name}."));
        }
        check_container(input, container, name)?;
    }
    if !input.container_definitions.iter().any(|c| c.essential.unwrap_or(true)) {
        return refuse("At least one container in the task definition must be essential.".into());
    }
    for container in &input.container_definitions {
        for dependency in container.depends_on.iter().flatten() {
            if !names.contains(dependency.container_name.as_str()) {
                return refuse(format!(
                    "Container dependency {} does not exist.",
                    dependency.container_name
                ));
            }
        }
    }
    if let Some(cycle) = containers::cycle(&input.container_definitions) {
        return refuse(format!("Container dependencies form a cycle: {}.", cycle.join(", ")));
    }
    Ok(())
}

fn check_container(
    input: &RegisterTaskDefinitionRequest,
    container: &ContainerDefinition,
    name: &str,
) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    if container.image.as_deref().is_none_or(str::is_empty) {
        return refuse("Container.image should not be null or empty.".into());
    }
    let fargate = is_fargate(input);
    if fargate && container.privileged == Some(true) {
        return refuse(
            "Fargate does not support privileged containers: remove 'privileged'.".into(),
        );
    }
    if fargate && container.links.as_ref().is_some_and(|l| !l.is_empty()) {
        return refuse("Links are not supported when networkMode=awsvpc.".into());
    }
    for port in container.port_mappings.iter().flatten() {
        let host = port.host_port.filter(|p| *p != 0);
        if host.is_some() && host != port.container_port {
            return refuse(
                "When networkMode=awsvpc, the host ports and container ports in port mappings must match.".into(),
            );
        }
    }
    if let (Some(memory), Some(reservation)) = (container.memory, container.memory_reservation)
        && reservation > memory
    {
        return refuse(format!(
            "Invalid setting for container '{name}'. The memory limit must be greater than or equal to memoryReservation."
        ));
    }
    if container.stop_timeout.is_some_and(|s| !(0..=120).contains(&s)) && fargate {
        return refuse(format!(
            "Invalid stopTimeout for container '{name}': Fargate allows 0 to 120 seconds."
        ));
    }
    let volumes: BTreeSet<&str> =
        input.volumes.iter().flatten().filter_map(|v| v.name.as_deref()).collect();
    for mount in container.mount_points.iter().flatten() {
        let source = mount.source_volume.as_deref().unwrap_or_default();
        if !volumes.contains(source) {
            return refuse(format!("Unknown volume '{source}'. Declare it in 'volumes'."));
        }
    }
    if let Some(log) = &container.log_configuration {
        check_log(name, log.log_driver.as_str(), log.options.as_ref())?;
    }
    if let Some(check) = &container.health_check {
        check_health(name, check)?;
    }
    unsupported(container, name)
}

fn check_log(
    name: &str,
    driver: &str,
    options: Option<&std::collections::BTreeMap<String, String>>,
) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    if driver != "awslogs" {
        return refuse(format!(
            "Container '{name}' has log driver {driver}: Neargate has awslogs."
        ));
    }
    for needed in ["awslogs-group", "awslogs-region", "awslogs-stream-prefix"] {
        if options.is_none_or(|o| o.get(needed).is_none_or(String::is_empty)) {
            return refuse(format!(
                "Log driver awslogs requires options: {needed} (container '{name}')."
            ));
        }
    }
    Ok(())
}

fn check_health(name: &str, check: &neargate_api::types::ecs::HealthCheck) -> Result<(), AwsError> {
    let refuse = |what: &str| {
        Err(error::client_exception(format!("Invalid health check of container '{name}': {what}")))
    };
    match check.command.first().map(String::as_str) {
        Some("CMD" | "CMD-SHELL") if check.command.len() > 1 => {}
        Some("NONE") => {}
        _ => {
            return refuse("the command starts with CMD, CMD-SHELL or NONE and names what is run.");
        }
    }
    let ranges = [
        ("interval", check.interval, 5..=300),
        ("timeout", check.timeout, 2..=60),
        ("retries", check.retries, 1..=10),
        ("startPeriod", check.start_period, 0..=300),
    ];
    for (what, value, range) in ranges {
        if value.is_some_and(|v| !range.contains(&v)) {
            return refuse(&format!(
                "{what} must be between {} and {}.",
                range.start(),
                range.end()
            ));
        }
    }
    Ok(())
}

/// Settings of a container that would be ignored are refused instead.
fn unsupported(container: &ContainerDefinition, name: &str) -> Result<(), AwsError> {
    let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
    let setting = match container {
        c if c.firelens_configuration.is_some() => "firelensConfiguration",
        c if c.environment_files.as_ref().is_some_and(|f| !f.is_empty()) => "environmentFiles",
        c if c.repository_credentials.is_some() => "repositoryCredentials",
        c if c.resource_requirements.as_ref().is_some_and(|r| !r.is_empty()) => {
            "resourceRequirements"
        }
        c if some(&c.credential_specs) => "credentialSpecs",
        c if c.restart_policy.as_ref().is_some_and(|r| r.enabled) => "restartPolicy",
        _ => return Ok(()),
    };
    Err(error::client_exception(format!(
        "Neargate does not run containers with {setting} yet (container '{name}')."
    )))
}
