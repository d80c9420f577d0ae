//! From a task definition, its overrides and its images to what the runtime is
//! told: pure. The rules are Docker's and Fargate's.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use neargate_api::model::ecs::{Task, TaskDefinition};
use neargate_api::types::ecs::{
    ContainerDefinition, ContainerOverride, EnvironmentFile, LinuxParameters,
};
use neargate_images::PreparedImage;
use neargate_runtime::{ContainerSpec, Limits, Mount, TaskSpec, Ulimit};

/// All that a spec is made of. Images and secrets are in the order of the containers.
pub struct Inputs<'a> {
    pub task: &'a Task,
    pub definition: &'a TaskDefinition,
    pub images: &'a [PreparedImage],
    pub secrets: &'a [BTreeMap<String, String>],
    /// The variables of environment files, in the same order.
    pub from_files: &'a [Vec<(String, String)>],
    pub netns: PathBuf,
    /// The port of the AWS endpoint inside of VPCs.
    pub endpoint_port: u16,
}

const MIB: u64 = 1 << 20;

/// Where a task finds its metadata, its credentials and the AWS endpoint.
const LINK_LOCAL: &str = "169.254.170.2";

/// Fargate's default limit of open files.
const NOFILE: i64 = 65535;

/// What a container without a stop timeout is given.
/// Source: "stopTimeout" in the ECS API reference.
const STOP_TIMEOUT_SECS: i32 = 30;

/// From a container's stop signal to SIGKILL.
pub fn stop_timeout(definition: &ContainerDefinition) -> Duration {
    Duration::from_secs(definition.stop_timeout.unwrap_or(STOP_TIMEOUT_SECS).max(0) as u64)
}

/// The whole task.
pub fn task(inputs: &Inputs<'_>) -> TaskSpec {
    let task = inputs.task;
    let number = |text: &Option<String>| text.as_deref().and_then(|t| t.parse::<u64>().ok());
    let containers = inputs.definition.containers().iter().enumerate();
    TaskSpec {
        id: task.id.clone(),
        netns: Some(inputs.netns.clone()),
        limits: Limits {
            cpu_quota: number(&task.wire.cpu),
            memory: number(&task.wire.memory).map(|mib| mib * MIB),
            ..Limits::default()
        },
        containers: containers
            .map(|(index, definition)| container(inputs, index, definition))
            .collect(),
    }
}

fn container(inputs: &Inputs<'_>, index: usize, definition: &ContainerDefinition) -> ContainerSpec {
    let name = definition.name.clone().unwrap_or_default();
    let image = &inputs.images[index];
    let task = inputs.task;
    let given = overrides(task, &name);
    let linux = definition.linux_parameters.clone().unwrap_or_default();
    let runtime_id = task.containers.iter().find(|c| c.name == name).map(|c| c.runtime_id.as_str());
    let (cap_add, cap_drop) = capabilities(&linux);
    let or_image =
        |own: &Option<String>, images: &str| own.clone().unwrap_or_else(|| images.to_owned());
    let workdir = or_image(&definition.working_directory, &image.config.workdir);
    let security = definition.docker_security_options.iter().flatten();
    ContainerSpec {
        // The images' hand has the topmost layer first, the runtime's the base.
        layers: image.layers.iter().rev().cloned().collect(),
        readonly_root: definition.readonly_root_filesystem.unwrap_or(false),
        argv: argv(definition, given, image),
        env: environment(inputs, index, definition, given, runtime_id.unwrap_or_default()),
        cwd: if workdir.is_empty() { "/".into() } else { workdir },
        user: or_image(&definition.user, &image.config.user),
        cap_add,
        cap_drop,
        no_new_privileges: security.into_iter().any(|o| o.starts_with("no-new-privileges")),
        ulimits: ulimits(definition),
        init: linux.init_process_enabled.unwrap_or(false),
        limits: limits(task, &name),
        mounts: mounts(inputs.definition, definition, &name, image),
        shm_size: linux.shared_memory_size.map_or(64 * MIB, |mib| mib.max(0) as u64 * MIB),
        sysctls: sysctls(definition),
        hostname: Some(task.private_dns_name()),
        hosts: Some(hosts(task, definition)),
        resolv_conf: Some(resolv_conf(task, definition)),
        stop_signal: image.config.stop_signal.clone().unwrap_or_else(|| "SIGTERM".into()),
        stop_timeout_ms: stop_timeout(definition).as_millis() as u64,
        name,
    }
}

/// What the task's request has changed of a container.
fn overrides<'a>(task: &'a Task, name: &str) -> Option<&'a ContainerOverride> {
    let all = task.wire.overrides.as_ref()?.container_overrides.as_ref()?;
    all.iter().find(|given| given.name.as_deref() == Some(name))
}

/// The files whose variables a container is given.
pub fn environment_files<'a>(
    task: &'a Task,
    definition: &'a ContainerDefinition,
) -> &'a [EnvironmentFile] {
    let given = overrides(task, definition.name.as_deref().unwrap_or_default());
    let own = || definition.environment_files.as_ref();
    given.and_then(|o| o.environment_files.as_ref()).or_else(own).map_or(&[], Vec::as_slice)
}

/// Entry point and command: the task definition's entry point replaces the image's
/// together with its command, as Docker does.
fn argv(
    definition: &ContainerDefinition,
    given: Option<&ContainerOverride>,
    image: &PreparedImage,
) -> Vec<String> {
    let some = |list: &Option<Vec<String>>| list.clone().filter(|l| !l.is_empty());
    let entry_point = some(&definition.entry_point);
    let command = given.and_then(|o| some(&o.command)).or_else(|| some(&definition.command));
    let replaced = entry_point.is_some();
    let mut argv = entry_point.unwrap_or_else(|| image.config.entrypoint.clone());
    argv.extend(
        command.unwrap_or_else(|| if replaced { Vec::new() } else { image.config.cmd.clone() }),
    );
    argv
}

fn environment(
    inputs: &Inputs<'_>,
    index: usize,
    definition: &ContainerDefinition,
    given: Option<&ContainerOverride>,
    runtime_id: &str,
) -> Vec<(String, String)> {
    let task = inputs.task;
    let mut env: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: &str| {
        env.retain(|(n, _)| n != name);
        env.push((name.to_owned(), value.to_owned()));
    };
    for pair in &inputs.images[index].config.env {
        if let Some((name, value)) = pair.split_once('=') {
            set(name, value);
        }
    }
    set("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE");
    set("AWS_REGION", &task.region);
    set("AWS_DEFAULT_REGION", &task.region);
    set("AWS_ENDPOINT_URL", &format!("http://{LINK_LOCAL}:{}", inputs.endpoint_port));
    set("AWS_DISABLE_HOST_PREFIX_INJECTION", "true");
    set("ECS_CONTAINER_METADATA_URI_V4", &format!("http://{LINK_LOCAL}/v4/{runtime_id}"));
    set("ECS_CONTAINER_METADATA_URI", &format!("http://{LINK_LOCAL}/v3/{runtime_id}"));
    if task.task_role_arn.is_some() {
        set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", &format!("/v2/credentials/{}", task.id));
    }
    for (name, value) in &inputs.from_files[index] {
        set(name, value);
    }
    for pair in definition.environment.iter().flatten() {
        set(pair.name.as_deref().unwrap_or_default(), pair.value.as_deref().unwrap_or_default());
    }
    for (name, value) in &inputs.secrets[index] {
        set(name, value);
    }
    for pair in given.iter().filter_map(|o| o.environment.as_ref()).flatten() {
        set(pair.name.as_deref().unwrap_or_default(), pair.value.as_deref().unwrap_or_default());
    }
    env
}

fn capabilities(linux: &LinuxParameters) -> (Vec<String>, Vec<String>) {
    let capabilities = linux.capabilities.clone().unwrap_or_default();
    (capabilities.add.unwrap_or_default(), capabilities.drop.unwrap_or_default())
}

fn ulimits(definition: &ContainerDefinition) -> Vec<Ulimit> {
    let mut ulimits = vec![Ulimit { name: "nofile".into(), soft: NOFILE, hard: NOFILE }];
    for given in definition.ulimits.iter().flatten() {
        ulimits.retain(|u| u.name != given.name);
        ulimits.push(Ulimit {
            name: given.name.clone(),
            soft: i64::from(given.soft_limit),
            hard: i64::from(given.hard_limit),
        });
    }
    ulimits
}

fn limits(task: &Task, name: &str) -> Limits {
    let Some(container) = task.containers.iter().find(|c| c.name == name) else {
        return Limits::default();
    };
    Limits {
        cpu_shares: Some(u64::from(container.cpu.max(2))),
        memory: container.memory.map(|mib| u64::from(mib) * MIB),
        memory_reservation: container.memory_reservation.map(|mib| u64::from(mib) * MIB),
        ..Limits::default()
    }
}

/// Mount points, those of other containers (`volumesFrom`), and the image's own volumes.
fn mounts(
    task: &TaskDefinition,
    definition: &ContainerDefinition,
    name: &str,
    image: &PreparedImage,
) -> Vec<Mount> {
    let mut mounts = Vec::new();
    let own = |definition: &ContainerDefinition, read_only: bool| -> Vec<Mount> {
        let points = definition.mount_points.iter().flatten();
        points
            .map(|point| Mount::Volume {
                volume: point.source_volume.clone().unwrap_or_default(),
                destination: point.container_path.clone().unwrap_or_default(),
                read_only: read_only || point.read_only.unwrap_or(false),
            })
            .collect()
    };
    mounts.extend(own(definition, false));
    for from in definition.volumes_from.iter().flatten() {
        let source = task.containers().iter().find(|c| c.name == from.source_container);
        let others = source.map(|s| own(s, from.read_only.unwrap_or(false))).unwrap_or_default();
        for mount in others {
            if !covered(&mounts, mount.destination()) {
                mounts.push(mount);
            }
        }
    }
    for tmpfs in definition.linux_parameters.iter().filter_map(|l| l.tmpfs.as_ref()).flatten() {
        mounts.push(Mount::Tmpfs {
            destination: tmpfs.container_path.clone(),
            size: tmpfs.size.max(0) as u64 * MIB,
            options: tmpfs.mount_options.clone().unwrap_or_default(),
        });
    }
    for (index, path) in image.config.volumes.iter().enumerate() {
        if !covered(&mounts, path) {
            mounts.push(Mount::Volume {
                volume: format!("{name}-image-{index}"),
                destination: path.clone(),
                read_only: false,
            });
        }
    }
    mounts
}

fn covered(mounts: &[Mount], path: &str) -> bool {
    let same = |m: &Mount| m.destination().trim_end_matches('/') == path.trim_end_matches('/');
    mounts.iter().any(same)
}

fn sysctls(definition: &ContainerDefinition) -> BTreeMap<String, String> {
    let controls = definition.system_controls.iter().flatten();
    controls.filter_map(|c| Some((c.namespace.clone()?, c.value.clone()?))).collect()
}

fn hosts(task: &Task, definition: &ContainerDefinition) -> String {
    let ip = task.private_ip.as_deref().unwrap_or_default();
    let mut text = format!("127.0.0.1 localhost\n{ip} {}\n", task.private_dns_name());
    for host in definition.extra_hosts.iter().flatten() {
        text.push_str(&format!("{} {}\n", host.ip_address, host.hostname));
    }
    text
}

fn resolv_conf(task: &Task, definition: &ContainerDefinition) -> String {
    let some = |list: &Option<Vec<String>>| list.clone().filter(|l| !l.is_empty());
    let search =
        some(&definition.dns_search_domains).unwrap_or_else(|| vec![task.private_domain()]);
    let servers = some(&definition.dns_servers).unwrap_or_else(|| vec!["169.254.169.253".into()]);
    let mut text = format!("search {}\n", search.join(" "));
    for server in servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    text
}

#[cfg(test)]
mod tests;
