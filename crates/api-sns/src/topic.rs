//! Topics: what their operations share.

pub mod attributes;
pub mod create;
pub mod delete;
pub mod list;

use std::sync::Arc;

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::error;
use neargate_api::{AwsError, Snapshot};

pub fn find(snapshot: &Snapshot, arn: &str) -> Result<Arc<Topic>, AwsError> {
    snapshot.get(arn).ok_or_else(not_found)
}

/// AWS's error for a topic that is not there.
pub fn not_found() -> AwsError {
    error::not_found_exception("Topic does not exist")
}
