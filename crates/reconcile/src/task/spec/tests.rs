//! What containers are given, read off the spec that the runtime is told.

use neargate_api::Rng;
use neargate_api::Timestamp;
use neargate_api::types::ecs::{
    self, EnvironmentFile, KeyValuePair, LinuxParameters, MountPoint, Tmpfs, VolumeFrom,
};
use neargate_blobs::Digest;
use neargate_images::ImageConfig;
use neargate_plan::launch;

use super::*;

fn pair(name: &str, value: &str) -> KeyValuePair {
    KeyValuePair { name: Some(name.into()), value: Some(value.into()) }
}

fn container(name: &str) -> ContainerDefinition {
    ContainerDefinition { name: Some(name.into()), ..Default::default() }
}

/// A task of these containers.
fn task_of(
    containers: Vec<ContainerDefinition>,
    overrides: Option<ecs::TaskOverride>,
) -> (TaskDefinition, Task) {
    let now = Timestamp::from_secs(0);
    let definition = TaskDefinition {
        region: "us-west-2".into(),
        family: "f".into(),
        revision: 1,
        arn: "arn:aws:ecs:us-west-2:000000000000:task-definition/f:1".into(),
        active: true,
        registered_at: now,
        deregistered_at: None,
        wire: neargate_api::Stored(ecs::TaskDefinition {
            container_definitions: Some(containers),
            ..Default::default()
        }),
        tags: Default::default(),
    };
    let seed = launch::Seed {
        account: "000000000000",
        cluster: "c",
        definition: &definition,
        service: None,
        group: String::new(),
        started_by: None,
        capacity_provider: None,
        platform_version: String::new(),
        placement: Default::default(),
        overrides,
        targets: Vec::new(),
        enable_execute_command: false,
        tags: Default::default(),
    };
    let task = launch::task(seed, &Rng::seeded(1), now);
    (definition, task)
}

/// The spec of such a task, its image having variables, a volume and a command.
fn spec_of(
    containers: Vec<ContainerDefinition>,
    overrides: Option<ecs::TaskOverride>,
) -> Vec<ContainerSpec> {
    let count = containers.len();
    let (definition, task) = task_of(containers, overrides);
    let config = ImageConfig {
        entrypoint: vec!["entry".into()],
        cmd: vec!["image".into()],
        env: vec!["FROM=image".into(), "IMAGE=1".into()],
        volumes: vec!["/data".into()],
        ..Default::default()
    };
    let image = PreparedImage {
        digest: Digest::of(b""),
        layers: vec!["/layer".into()],
        diff_ids: Vec::new(),
        config,
    };
    let inputs = Inputs {
        task: &task,
        definition: &definition,
        images: &vec![image; count],
        secrets: &vec![BTreeMap::from([("SECRET".into(), "s".into())]); count],
        from_files: &vec![vec![("FROM".into(), "file".into()), ("FILE".into(), "1".into())]; count],
        netns: "/netns".into(),
        endpoint_port: 4566,
    };
    super::task(&inputs).containers
}

fn value<'a>(spec: &'a ContainerSpec, name: &str) -> Option<&'a str> {
    spec.env.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

#[test]
fn later_sources_of_the_environment_win() {
    let with = |environment| ContainerDefinition { environment, ..container("main") };
    let [plain] = &spec_of(vec![with(None)], None)[..] else { panic!("one container") };
    assert_eq!(value(plain, "FROM"), Some("file"));
    assert_eq!((value(plain, "IMAGE"), value(plain, "SECRET")), (Some("1"), Some("s")));
    let own = || Some(vec![pair("FROM", "definition")]);
    let [defined] = &spec_of(vec![with(own())], None)[..] else { panic!("one container") };
    assert_eq!(value(defined, "FROM"), Some("definition"));
    let given = ContainerOverride {
        name: Some("main".into()),
        environment: Some(vec![pair("FROM", "request")]),
        command: Some(vec!["given".into()]),
        ..Default::default()
    };
    let overrides =
        ecs::TaskOverride { container_overrides: Some(vec![given]), ..Default::default() };
    let [run] = &spec_of(vec![with(own())], Some(overrides))[..] else { panic!("one container") };
    assert_eq!(value(run, "FROM"), Some("request"));
    assert_eq!(run.argv, ["entry", "given"]);
}

#[test]
fn an_own_entry_point_takes_the_place_of_the_images_command() {
    let own = ContainerDefinition { entry_point: Some(vec!["own".into()]), ..container("main") };
    assert_eq!(spec_of(vec![own], None)[0].argv, ["own"]);
    assert_eq!(spec_of(vec![container("main")], None)[0].argv, ["entry", "image"]);
}

#[test]
fn volumes_of_others_memory_and_the_images_own() {
    let source = ContainerDefinition {
        mount_points: Some(vec![MountPoint {
            source_volume: Some("shared".into()),
            container_path: Some("/data".into()),
            read_only: None,
        }]),
        ..container("source")
    };
    let tmpfs = Tmpfs { container_path: "/scratch".into(), size: 2, mount_options: None };
    let reader = ContainerDefinition {
        volumes_from: Some(vec![VolumeFrom {
            source_container: Some("source".into()),
            read_only: Some(true),
        }]),
        linux_parameters: Some(LinuxParameters { tmpfs: Some(vec![tmpfs]), ..Default::default() }),
        ..container("reader")
    };
    let shared = |read_only| Mount::Volume {
        volume: "shared".into(),
        destination: "/data".into(),
        read_only,
    };
    let specs = spec_of(vec![source, reader, container("alone")], None);
    // The image's own volume at /data is covered in the first two.
    assert_eq!(specs[0].mounts, [shared(false)]);
    let scratch =
        Mount::Tmpfs { destination: "/scratch".into(), size: 2 << 20, options: Vec::new() };
    assert_eq!(specs[1].mounts, [shared(true), scratch]);
    let own = Mount::Volume {
        volume: "alone-image-0".into(),
        destination: "/data".into(),
        read_only: false,
    };
    assert_eq!(specs[2].mounts, [own]);
}

#[test]
fn files_of_a_request_replace_those_of_the_definition() {
    let file = |value: &str| EnvironmentFile { value: value.into(), r#type: "s3".into() };
    let own =
        ContainerDefinition { environment_files: Some(vec![file("own")]), ..container("main") };
    let (_, task) = task_of(vec![own.clone()], None);
    assert_eq!(environment_files(&task, &own), [file("own")]);
    let given = ContainerOverride {
        name: Some("main".into()),
        environment_files: Some(vec![file("given")]),
        ..Default::default()
    };
    let overrides =
        ecs::TaskOverride { container_overrides: Some(vec![given]), ..Default::default() };
    let (_, task) = task_of(vec![own.clone()], Some(overrides));
    assert_eq!(environment_files(&task, &own), [file("given")]);
}
