//! OCI and Docker images.

pub mod config;
pub mod manifest;
pub mod media;
pub mod platform;
pub mod reference;

pub use config::{ConfigFile, ImageConfig};
pub use manifest::{Descriptor, Document, Index, MANIFEST_LIMIT, Manifest, ManifestError, Parsed};
pub use platform::Platform;
pub use reference::{ImageReference, ReferenceError};
