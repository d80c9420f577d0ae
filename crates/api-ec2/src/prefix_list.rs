//! Prefix lists: the addresses of the services that have gateway endpoints.
//! They are AWS's own; customers' lists can't be made.

pub mod describe;
pub mod describe_managed;
pub mod entries;

use neargate_api::AwsError;

use crate::error;

pub fn not_found(id: &str) -> AwsError {
    error::of("InvalidPrefixListID.NotFound", format!("The prefix list ID '{id}' does not exist."))
}
