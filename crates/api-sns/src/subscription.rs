//! Subscriptions: what their operations share.

pub mod attributes;
pub mod confirm;
pub mod list;
pub mod subscribe;
pub mod unsubscribe;

use neargate_api::model::sns::{Delivered, Delivery, Subscription};
use neargate_api::types::sns::error;
use neargate_api::{AwsError, Timestamp, Tx};

/// AWS's error for a subscription that is not there.
fn not_found() -> AwsError {
    error::not_found_exception("Subscription does not exist")
}

/// Has the endpoint asked whether it wants to be subscribed.
fn ask(tx: &mut Tx, subscription: &Subscription, now: Timestamp) {
    tx.put(Delivery {
        subscription_arn: subscription.arn.clone(),
        what: Delivered::Confirmation,
        failures: 0,
        next_try_at: now,
    });
}
