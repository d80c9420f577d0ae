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
//!
//! | to | call |
//! |---|---|
//! | read what a user wrote | `text.parse::<ImageReference>()` |
//! | pull it | [`Puller::pull`] → [`Pulled`] with the digest that it stands for |
//! | take it from a file | [`import()`] → its name and digest; then [`Names::set`] with `loaded` |
//! | have it ready to mount | [`Unpacker::prepare`] with any of those digests → [`PreparedImage`] |
//! | know what it keeps alive | [`reachable`] for blobs, [`PreparedImage::diff_ids`] for layers |
//! | look into it | [`document`], [`image()`] |
//!
//! A digest may be a manifest's or an index's; of an index the manifest for
//! this machine is chosen. Errors carry AWS's texts
//! ([`ImageError::stopped_reason`]).
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
