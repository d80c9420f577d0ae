//! Uploads in parts: what their operations share.

pub mod abort;
pub mod complete;
pub mod create;
pub mod list;
pub mod list_parts;
pub mod part;

use std::sync::Arc;

use neargate_api::AwsError;
use neargate_api::Snapshot;
use neargate_api::model::s3::Upload;

use crate::error;
use crate::service::Call;

/// Parts that an upload may have.
const PART_LIMIT: u32 = 10_000;

/// The id that the request names.
pub fn id(call: &Call) -> Result<&str, AwsError> {
    call.target.query.get("uploadId").ok_or_else(|| error::no_such_upload(""))
}

/// The upload that the request names.
pub fn find(call: &Call, snapshot: &Snapshot) -> Result<Arc<Upload>, AwsError> {
    let id = id(call)?;
    let key = Upload::key_of(call.bucket_name()?, call.key()?, id);
    snapshot.get::<Upload>(&key).ok_or_else(|| error::no_such_upload(id))
}
