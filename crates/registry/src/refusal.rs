//! Errors in the form of the distribution API, with ECR's words.

use http::StatusCode;
use neargate_blobs::{BlobError, Digest};
use neargate_images::ManifestError;
use serde_json::json;

/// Error codes of the distribution specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    BlobUnknown,
    BlobUploadInvalid,
    BlobUploadUnknown,
    Denied,
    DigestInvalid,
    ManifestBlobUnknown,
    ManifestInvalid,
    ManifestUnknown,
    NameInvalid,
    NameUnknown,
    RangeInvalid,
    SizeInvalid,
    TagInvalid,
    TooManyRequests,
    Unauthorized,
    Unknown,
    Unsupported,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Code::BlobUnknown => "BLOB_UNKNOWN",
            Code::BlobUploadInvalid => "BLOB_UPLOAD_INVALID",
            Code::BlobUploadUnknown => "BLOB_UPLOAD_UNKNOWN",
            Code::Denied => "DENIED",
            Code::DigestInvalid => "DIGEST_INVALID",
            Code::ManifestBlobUnknown => "MANIFEST_BLOB_UNKNOWN",
            Code::ManifestInvalid => "MANIFEST_INVALID",
            Code::ManifestUnknown => "MANIFEST_UNKNOWN",
            Code::NameInvalid => "NAME_INVALID",
            Code::NameUnknown => "NAME_UNKNOWN",
            Code::RangeInvalid => "RANGE_INVALID",
            Code::SizeInvalid => "SIZE_INVALID",
            Code::TagInvalid => "TAG_INVALID",
            Code::TooManyRequests => "TOOMANYREQUESTS",
            Code::Unauthorized => "UNAUTHORIZED",
            Code::Unknown => "UNKNOWN",
            Code::Unsupported => "UNSUPPORTED",
        }
    }

    /// The status that goes with the code, where nothing else is said.
    fn status(self) -> StatusCode {
        match self {
            Code::BlobUnknown
            | Code::BlobUploadUnknown
            | Code::ManifestUnknown
            | Code::NameUnknown => StatusCode::NOT_FOUND,
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::Denied => StatusCode::FORBIDDEN,
            Code::RangeInvalid => StatusCode::RANGE_NOT_SATISFIABLE,
            Code::SizeInvalid => StatusCode::PAYLOAD_TOO_LARGE,
            Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Code::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
            Code::Unsupported => StatusCode::METHOD_NOT_ALLOWED,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Refusal {
    pub status: StatusCode,
    pub code: Code,
    pub message: String,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refusal { status: code.status(), code, message: message.into() }
    }

    /// There is no such repository.
    pub fn name_unknown(repository: &str, registry_id: &str) -> Self {
        let message = format!(
            "The repository with name '{repository}' does not exist in the registry with id '{registry_id}'"
        );
        Refusal::new(Code::NameUnknown, message)
    }

    /// The tag is there and may not move.
    pub fn tag_immutable(tag: &str, repository: &str) -> Self {
        let message = format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the repository is immutable."
        );
        Refusal::new(Code::TagInvalid, message)
    }

    /// The principal may not; AWS's text of an implicit deny.
    pub fn denied(message: impl Into<String>) -> Self {
        Refusal::new(Code::Denied, message)
    }

    /// The token is over its twelve hours.
    pub fn token_expired() -> Self {
        Refusal::denied("Your authorization token has expired. Reauthenticate and try again.")
    }

    /// The token is none of ours.
    pub fn token_invalid() -> Self {
        Refusal::denied("Your Authorization Token is invalid.")
    }

    /// Something failed here. The caller hears no more than that.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a registry request failed");
        Refusal::new(Code::Unknown, "An unexpected error occurred; see Neargate's log.")
    }

    pub(crate) fn image_unknown() -> Self {
        Refusal::new(Code::ManifestUnknown, "Requested image not found")
    }

    pub(crate) fn blob_unknown(digest: &Digest) -> Self {
        Refusal::new(Code::BlobUnknown, format!("blob unknown to registry: {digest}"))
    }

    pub(crate) fn upload_unknown(id: &str) -> Self {
        let message = format!("The upload '{id}' is unknown: it is finished, cancelled or expired");
        Refusal::new(Code::BlobUploadUnknown, message)
    }

    pub(crate) fn digest_invalid(text: &str) -> Self {
        let message = format!("'{text}' is no digest: sha256 and 64 hexadecimal digits are needed");
        Refusal::new(Code::DigestInvalid, message)
    }

    pub(crate) fn method_not_allowed(what: &str) -> Self {
        Refusal::new(Code::Unsupported, what)
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        let error = json!({"code": self.code.as_str(), "message": self.message});
        json!({ "errors": [error] }).to_string().into_bytes()
    }
}

impl From<BlobError> for Refusal {
    fn from(error: BlobError) -> Self {
        match &error {
            BlobError::DigestMismatch { expected, actual } => Refusal::new(
                Code::DigestInvalid,
                format!("The bytes received have the digest {actual}, not {expected}"),
            ),
            BlobError::UploadUnknown(id) => Refusal::upload_unknown(id),
            BlobError::OutOfOrder { .. } => Refusal::new(Code::RangeInvalid, error.to_string()),
            BlobError::TooLarge { .. } => Refusal::new(Code::SizeInvalid, error.to_string()),
            BlobError::Io { .. } => Refusal::internal(&error),
        }
    }
}

impl From<ManifestError> for Refusal {
    fn from(error: ManifestError) -> Self {
        Refusal::new(Code::ManifestInvalid, error.to_string())
    }
}
