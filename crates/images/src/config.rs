//! An image's configuration: how to start it, and the digests of its layers
//! once they are unpacked.
//!
//! Source: OCI image-spec `config.md`; Docker's differs only in members that
//! we don't read, such as `Healthcheck`, which ECS ignores as well.

use std::collections::BTreeMap;

use neargate_blobs::Digest;
use serde::{Deserialize, Deserializer};

use crate::platform::Platform;

/// How to start a container of the image. Absent members are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageConfig {
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    /// Empty means `/`.
    pub workdir: String,
    /// `user`, `uid`, `user:group`, `uid:gid`; empty means root.
    pub user: String,
    /// Mount points for anonymous volumes.
    pub volumes: Vec<String>,
    /// `80/tcp`.
    pub exposed_ports: Vec<String>,
    /// `SIGINT` or a number; nothing means SIGTERM.
    pub stop_signal: Option<String>,
    pub labels: BTreeMap<String, String>,
}

/// The configuration blob.
#[derive(Clone, Debug, Deserialize)]
pub struct ConfigFile {
    #[serde(default)]
    pub architecture: String,
    #[serde(default)]
    pub os: String,
    #[serde(default)]
    pub variant: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    config: Members,
    rootfs: RootFs,
}

#[derive(Clone, Debug, Deserialize)]
struct RootFs {
    #[serde(default, deserialize_with = "null_is_default")]
    diff_ids: Vec<Digest>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Members {
    #[serde(deserialize_with = "null_is_default")]
    entrypoint: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    cmd: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    env: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    working_dir: String,
    #[serde(deserialize_with = "null_is_default")]
    user: String,
    #[serde(deserialize_with = "null_is_default")]
    volumes: BTreeMap<String, serde::de::IgnoredAny>,
    #[serde(deserialize_with = "null_is_default")]
    exposed_ports: BTreeMap<String, serde::de::IgnoredAny>,
    stop_signal: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    labels: BTreeMap<String, String>,
}

/// Builders write `null` for what is absent.
fn null_is_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl ConfigFile {
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// What it was built for; nothing when it does not say (an artifact).
    pub fn platform(&self) -> Option<Platform> {
        if self.architecture.is_empty() && self.os.is_empty() {
            return None;
        }
        let (architecture, os) = (self.architecture.clone(), self.os.clone());
        Some(Platform { architecture, os, variant: self.variant.clone(), os_version: None })
    }

    /// The digests of the unpacked layers, lowest first.
    pub fn diff_ids(&self) -> &[Digest] {
        &self.rootfs.diff_ids
    }

    pub fn image_config(self) -> ImageConfig {
        let members = self.config;
        ImageConfig {
            entrypoint: members.entrypoint,
            cmd: members.cmd,
            env: members.env,
            workdir: members.working_dir,
            user: members.user,
            volumes: members.volumes.into_keys().collect(),
            exposed_ports: members.exposed_ports.into_keys().collect(),
            stop_signal: members.stop_signal.filter(|signal| !signal.is_empty()),
            labels: members.labels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_and_absences_are_empty() {
        let text = r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null},
            "config":{"Cmd":["sh"],"Entrypoint":null,"Env":null,"Volumes":{"/data":{}},
            "ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Test":["NONE"]}}}"#;
        let file = ConfigFile::parse(text.as_bytes()).unwrap();
        assert_eq!(file.platform().unwrap().to_string(), "linux/amd64");
        let config = file.image_config();
        assert_eq!(config.cmd, ["sh"]);
        assert_eq!(
            (config.volumes, config.exposed_ports),
            (vec!["/data".into()], vec!["80/tcp".into()])
        );
        assert!(config.entrypoint.is_empty() && config.env.is_empty());
    }
}
