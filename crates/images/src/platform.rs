//! Operating system and processor, and the choice among an index's manifests.

use serde::{Deserialize, Serialize};

use crate::manifest::Descriptor;

/// A platform in the words of OCI, which are Go's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    pub architecture: String,
    pub os: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    #[serde(default, rename = "os.version", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
}

impl Platform {
    /// Linux on the processor that this program was built for.
    pub fn host() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            other => other,
        };
        Platform::linux(architecture)
    }

    pub fn linux(architecture: &str) -> Self {
        let (architecture, os) = (architecture.to_string(), "linux".to_string());
        Platform { architecture, os, variant: None, os_version: None }
    }

    /// Whether an image for `self` runs on `host`. Variants of one architecture
    /// are not told apart: `arm64/v8` runs on `arm64`.
    pub fn runs_on(&self, host: &Platform) -> bool {
        self.os == host.os && self.architecture == host.architecture
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

/// The first of an index's manifests that runs on `host`. One without a
/// platform is taken only when it is alone.
pub fn choose<'a>(manifests: &'a [Descriptor], host: &Platform) -> Option<&'a Descriptor> {
    let fits = |descriptor: &&Descriptor| {
        descriptor.platform.as_ref().is_some_and(|platform| platform.runs_on(host))
    };
    manifests.iter().find(fits).or(match manifests {
        [only] if only.platform.is_none() => Some(only),
        _ => None,
    })
}
