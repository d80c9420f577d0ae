//! Subscriptions: what their operations share.

pub mod attributes;
pub mod confirm;
pub mod list;
pub mod subscribe;
pub mod unsubscribe;

use neargate_api::AwsError;
use neargate_api::types::sns::error;

/// AWS's error for a subscription that is not there.
fn not_found() -> AwsError {
    error::not_found_exception("Subscription does not exist")
}
