//! OCI and Docker images: what they are, and how they become directories.
//!
//! ```text
//! reference ─ resolve, pull ─▶ blobs ─ Unpacker::prepare ─▶ PreparedImage
//! layout, archive ─ import ──▶   │                          (lowerdirs + config)
//! pushed to our registry ───────▶┘
//! ```
//!
//! Everything meets in the blob store, by digest: an image that was pushed to
//! our own registry is prepared from the very blobs that were pushed.
//! [`Unpacker::prepare`] takes the digest of a manifest or of an index, chooses
//! the manifest for this machine, and gives the layers for overlayfs with the
//! configuration. Its errors carry AWS's texts ([`ImageError::stopped_reason`]).
//!
//! Never here: mounting, running, and what a tag means in a repository of ours.

mod compression;
pub mod config;
mod error;
mod import;
mod load;
pub mod manifest;
pub mod media;
mod names;
pub mod platform;
mod pull;
pub mod reference;
mod unpack;

pub use config::{ConfigFile, ImageConfig};
pub use error::ImageError;
pub use import::{Imported, import};
pub use load::{Image, document, image, reachable};
pub use manifest::{Descriptor, Document, Index, MANIFEST_LIMIT, Manifest, ManifestError, Parsed};
pub use names::{Named, Names};
pub use platform::Platform;
pub use pull::{Progress, Proxies, Pulled, Puller, PullerConfig, RegistryCredentials};
pub use reference::{ImageReference, ReferenceError};
pub use unpack::{PreparedImage, Unpacker};
