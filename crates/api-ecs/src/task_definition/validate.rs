//! What a task definition must satisfy beyond its shapes; what of it Fargate
//! does not have is in `fargate`.
//! Source: "Task definition parameters for Fargate" in the ECS developer guide.

pub mod fargate;

use std::collections::{BTreeMap, BTreeSet};

use neargate_api::AwsError;
use neargate_api::types::ecs::{
    ContainerDefinition, ContainerDependency, ContainerRestartPolicy, EnvironmentFile,
    LogConfiguration, RegisterTaskDefinitionRequest, error,
};
use neargate_plan::{containers, logs};

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
        fargate::check(input)?;
    }
    check_containers(input)
}

/// Whether the task must be able to run on Fargate.
fn is_fargate(input: &RegisterTaskDefinitionRequest) -> bool {
    input.requires_compatibilities.iter().flatten().any(|c| c == "FARGATE")
}

/// Whether it could, demanded or not.
pub fn runs_on_fargate(input: &RegisterTaskDefinitionRequest) -> bool {
    fargate::check(input).is_ok()
}

/// CPU units or MiB, which AWS also takes as `.25 vCPU` and `1 GB`.
pub fn units(text: &str, unit: &str) -> Option<u32> {
    let lower = text.trim().to_ascii_lowercase();
    match lower.strip_suffix(unit) {
        Some(number) => Some((number.trim().parse::<f64>().ok()? * 1024.0).round() as u32),
        None => lower.parse().ok(),
    }
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
            check_dependency(input, dependency)?;
        }
        for from in container.volumes_from.iter().flatten() {
            let source = from.source_container.as_deref().unwrap_or_default();
            if !names.contains(source) {
                return refuse(format!("The container '{source}' of volumesFrom does not exist."));
            }
        }
    }
    if let Some(cycle) = containers::cycle(&input.container_definitions) {
        return refuse(format!("Container dependencies form a cycle: {}.", cycle.join(", ")));
    }
    Ok(())
}

/// That a dependency's condition can be met at all.
fn check_dependency(
    input: &RegisterTaskDefinitionRequest,
    dependency: &ContainerDependency,
) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    let ContainerDependency { container_name, condition } = dependency;
    let mut containers = input.container_definitions.iter();
    let Some(other) = containers.find(|c| c.name.as_ref() == Some(container_name)) else {
        return refuse(format!("Container dependency {container_name} does not exist."));
    };
    match condition.as_str() {
        "COMPLETE" | "SUCCESS" if other.essential.unwrap_or(true) => refuse(format!(
            "The condition {condition} cannot be set on the essential container {container_name}: the task would end with it."
        )),
        "HEALTHY" if other.health_check.is_none() => refuse(format!(
            "The condition HEALTHY needs a health check in the container {container_name}."
        )),
        _ => Ok(()),
    }
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
    let volumes: BTreeSet<&str> =
        input.volumes.iter().flatten().filter_map(|v| v.name.as_deref()).collect();
    for mount in container.mount_points.iter().flatten() {
        let source = mount.source_volume.as_deref().unwrap_or_default();
        if !volumes.contains(source) {
            return refuse(format!("Unknown volume '{source}'. Declare it in 'volumes'."));
        }
    }
    if let Some(log) = &container.log_configuration {
        check_log(name, log)?;
    }
    check_environment(container, name)?;
    for ulimit in container.ulimits.iter().flatten() {
        let over = ulimit.hard_limit >= 0
            && (ulimit.soft_limit > ulimit.hard_limit || ulimit.soft_limit < 0);
        if over {
            return refuse(format!(
                "Invalid ulimit {} of container '{name}': the soft limit cannot be greater than the hard limit.",
                ulimit.name
            ));
        }
    }
    if let Some(policy) = &container.restart_policy {
        check_restart(name, policy)?;
    }
    if let Some(check) = &container.health_check {
        check_health(name, check)?;
    }
    unsupported(container, name)
}

/// The options of the log driver, as AWS lists them.
const LOG_OPTIONS: [&str; 10] = [
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-endpoint",
    "awslogs-force-flush-interval-seconds",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
];

fn check_log(name: &str, log: &LogConfiguration) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    let driver = &log.log_driver;
    if driver != "awslogs" {
        return refuse(format!(
            "Container '{name}' has log driver {driver}: Neargate has awslogs."
        ));
    }
    let none = BTreeMap::new();
    let options = log.options.as_ref().unwrap_or(&none);
    let needed = ["awslogs-group", "awslogs-region", "awslogs-stream-prefix"];
    let missing: Vec<&str> =
        needed.into_iter().filter(|o| options.get(*o).is_none_or(String::is_empty)).collect();
    if !missing.is_empty() {
        return refuse(format!("Log driver awslogs requires options: {}", missing.join(", ")));
    }
    let unknown: Vec<&str> =
        options.keys().map(String::as_str).filter(|o| !LOG_OPTIONS.contains(o)).collect();
    if !unknown.is_empty() {
        return refuse(format!("Log driver awslogs disallows options: {}", unknown.join(", ")));
    }
    if log.secret_options.as_ref().is_some_and(|s| !s.is_empty()) {
        return refuse("Log driver awslogs does not support secretOptions.".into());
    }
    let multiline = options.get("awslogs-multiline-pattern");
    let format = options.get("awslogs-datetime-format");
    if multiline.is_some() && format.is_some() {
        return refuse(
            "You cannot configure both the awslogs-datetime-format and awslogs-multiline-pattern options."
                .into(),
        );
    }
    let pattern = multiline.map(|p| logs::Pattern::regex(p));
    if let Some(Err(why)) = pattern.or_else(|| format.map(|f| logs::Pattern::datetime(f))) {
        return refuse(format!("Invalid start pattern of the logs of container '{name}': {why}"));
    }
    match options.get("mode").map(String::as_str) {
        None | Some("blocking" | "non-blocking") => Ok(()),
        Some(other) => refuse(format!(
            "Invalid log mode '{other}' of container '{name}': blocking and non-blocking are allowed."
        )),
    }
}

/// Variables that could not be told apart, and files of them.
fn check_environment(container: &ContainerDefinition, name: &str) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    let pairs = container.environment.iter().flatten().filter_map(|pair| pair.name.as_deref());
    let mut taken: BTreeSet<&str> = pairs.collect();
    for secret in container.secrets.iter().flatten() {
        if !taken.insert(&secret.name) {
            return refuse(format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on the \
                 container, such as '{}'.",
                secret.name
            ));
        }
    }
    environment_files(name, container.environment_files.as_deref().unwrap_or_default())
}

/// Files of variables, by what can be seen without them.
pub fn environment_files(name: &str, files: &[EnvironmentFile]) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    if files.len() > 10 {
        return refuse(format!("Container '{name}' has more than 10 environment files."));
    }
    for file in files {
        if !file.value.starts_with("arn:aws:s3:::") || !file.value.ends_with(".env") {
            return refuse(format!(
                "Invalid environment file '{}' of container '{name}': the ARN of an S3 object whose name ends in .env is \
                 needed.",
                file.value
            ));
        }
    }
    Ok(())
}

fn check_restart(name: &str, policy: &ContainerRestartPolicy) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::client_exception(message));
    if policy.restart_attempt_period.is_some_and(|s| !(60..=1800).contains(&s)) {
        return refuse(format!(
            "Invalid restartAttemptPeriod of container '{name}': 60 to 1800 seconds are allowed."
        ));
    }
    if policy.ignored_exit_codes.as_ref().is_some_and(|codes| codes.len() > 50) {
        return refuse(format!("Container '{name}' ignores more than 50 exit codes."));
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
    let setting = match container {
        c if c.firelens_configuration.is_some() => "firelensConfiguration",
        c if c.credential_specs.as_ref().is_some_and(|s| !s.is_empty()) => "credentialSpecs",
        _ => return Ok(()),
    };
    Err(error::client_exception(format!(
        "Neargate does not run containers with {setting} yet (container '{name}')."
    )))
}
