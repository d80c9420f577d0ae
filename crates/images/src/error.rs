//! Why an image can't be had, in the words that AWS puts into a stopped
//! task's reason.
//!
//! Source: "CannotPullContainer task errors in Amazon ECS" in the developer
//! guide; the part after the retry count is containerd's.

use neargate_blobs::{BlobError, Digest};

use crate::manifest::ManifestError;
use crate::platform::Platform;
use crate::reference::{ImageReference, ReferenceError};

#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The reference could not be turned into a manifest.
    #[error(
        "pull image manifest has been retried {retried} time(s): failed to resolve ref {reference}: {why}"
    )]
    Resolve { retried: u32, reference: String, why: String },
    /// A blob of the image could not be fetched.
    #[error(
        "ref pull has been retried {retried} time(s): failed to copy: httpReadSeeker: failed open: {why}"
    )]
    Copy { retried: u32, why: String },
    #[error("image Manifest does not contain descriptor matching platform '{wanted}'")]
    Platform { wanted: Platform },
    /// A part that should have been stored is not there.
    #[error("content digest {0}: not found")]
    Missing(Digest),
    #[error("{digest}: {why}")]
    Malformed { digest: Digest, why: String },
    #[error("failed to extract layer {diff_id}: {why}")]
    Layer { diff_id: Digest, why: String },
    #[error("{doing}: {error}")]
    Io { doing: String, error: std::io::Error },
    #[error(transparent)]
    Blobs(#[from] BlobError),
}

impl ImageError {
    /// The stopped reason of a task whose image could not be had.
    pub fn stopped_reason(&self) -> String {
        format!("CannotPullContainerError: {self}")
    }

    /// The registry has no such image: for those who look images up themselves.
    pub fn not_found(reference: &ImageReference) -> Self {
        let reference = reference.to_string();
        let why = format!("{reference}: not found");
        ImageError::Resolve { retried: 1, reference, why }
    }

    pub(crate) fn malformed(digest: Digest) -> impl FnOnce(ManifestError) -> ImageError {
        move |error| ImageError::Malformed { digest, why: error.to_string() }
    }

    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> ImageError {
        let doing = doing.into();
        move |error| ImageError::Io { doing, error }
    }
}
