//! The volumes of a task definition.

use neargate_api_types::ecs;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;

/// What the blocks describe.
pub fn of(planned: &Attributes) -> Option<Vec<ecs::Volume>> {
    let blocks = planned.blocks("volume");
    (!blocks.is_empty()).then(|| blocks.iter().map(volume).collect())
}

fn volume(block: &Attributes) -> ecs::Volume {
    let host = block.string("host_path");
    ecs::Volume {
        configured_at_launch: Some(block.is("configure_at_launch")),
        docker_volume_configuration: block.block("docker_volume_configuration").map(docker),
        efs_volume_configuration: block.block("efs_volume_configuration").map(efs),
        fsx_windows_file_server_volume_configuration: block
            .block("fsx_windows_file_server_volume_configuration")
            .map(fsx),
        host: host.map(|path| ecs::HostVolumeProperties { source_path: Some(path) }),
        name: block.string("name"),
        ..Default::default()
    }
}

fn docker(block: Attributes) -> ecs::DockerVolumeConfiguration {
    ecs::DockerVolumeConfiguration {
        autoprovision: block.bool("autoprovision"),
        driver: block.string("driver"),
        driver_opts: Some(block.map("driver_opts")).filter(|options| !options.is_empty()),
        labels: Some(block.map("labels")).filter(|labels| !labels.is_empty()),
        scope: block.string("scope"),
    }
}

fn efs(block: Attributes) -> ecs::EFSVolumeConfiguration {
    let authorization = block.block("authorization_config");
    ecs::EFSVolumeConfiguration {
        authorization_config: authorization.map(|block| ecs::EFSAuthorizationConfig {
            access_point_id: block.string("access_point_id"),
            iam: block.string("iam"),
        }),
        file_system_id: block.required("file_system_id"),
        root_directory: block.string("root_directory"),
        transit_encryption: block.string("transit_encryption"),
        transit_encryption_port: block.number("transit_encryption_port").filter(|port| *port > 0),
    }
}

fn fsx(block: Attributes) -> ecs::FSxWindowsFileServerVolumeConfiguration {
    let authorization = block.block("authorization_config").unwrap_or_default();
    ecs::FSxWindowsFileServerVolumeConfiguration {
        authorization_config: ecs::FSxWindowsFileServerAuthorizationConfig {
            credentials_parameter: authorization.required("credentials_parameter"),
            domain: authorization.required("domain"),
        },
        file_system_id: block.required("file_system_id"),
        root_directory: block.required("root_directory"),
    }
}

/// Volumes as blocks.
pub fn blocks(volumes: Option<Vec<ecs::Volume>>) -> Vec<Json> {
    volumes.unwrap_or_default().into_iter().map(block).collect()
}

fn block(volume: ecs::Volume) -> Json {
    let docker = volume.docker_volume_configuration.into_iter().map(|docker| {
        json!({
            "autoprovision": docker.autoprovision.unwrap_or(false),
            "driver": docker.driver.unwrap_or_default(),
            "driver_opts": docker.driver_opts.unwrap_or_default(),
            "labels": docker.labels.unwrap_or_default(),
            "scope": docker.scope.unwrap_or_default(),
        })
    });
    let efs = volume.efs_volume_configuration.into_iter().map(|efs| {
        let authorization = efs.authorization_config.into_iter().map(|authorization| {
            json!({
                "access_point_id": authorization.access_point_id.unwrap_or_default(),
                "iam": authorization.iam.unwrap_or_default(),
            })
        });
        json!({
            "authorization_config": authorization.collect::<Vec<Json>>(),
            "file_system_id": efs.file_system_id,
            "root_directory": efs.root_directory.unwrap_or_default(),
            "transit_encryption": efs.transit_encryption.unwrap_or_default(),
            "transit_encryption_port": efs.transit_encryption_port.unwrap_or(0),
        })
    });
    let fsx = volume.fsx_windows_file_server_volume_configuration.into_iter().map(|fsx| {
        json!({
            "authorization_config": [{
                "credentials_parameter": fsx.authorization_config.credentials_parameter,
                "domain": fsx.authorization_config.domain,
            }],
            "file_system_id": fsx.file_system_id,
            "root_directory": fsx.root_directory,
        })
    });
    json!({
        "configure_at_launch": volume.configured_at_launch.unwrap_or(false),
        "docker_volume_configuration": docker.collect::<Vec<Json>>(),
        "efs_volume_configuration": efs.collect::<Vec<Json>>(),
        "fsx_windows_file_server_volume_configuration": fsx.collect::<Vec<Json>>(),
        "host_path": volume.host.and_then(|host| host.source_path).unwrap_or_default(),
        "name": volume.name,
    })
}
