//! Dashboards: what their operations share. They belong to the account: every
//! region sees the same.

mod body;
pub mod delete;
pub mod get;
pub mod list;
pub mod put;

use neargate_api::types::cloudwatch::error;
use neargate_api::{Arn, AwsError, Ctx};

/// A dashboard's ARN has no region.
pub fn arn(ctx: &Ctx, name: &str) -> String {
    Arn::new("cloudwatch", "", ctx.account(), format!("dashboard/{name}")).to_string()
}

fn not_found(name: &str) -> AwsError {
    error::dashboard_not_found_error(format!("Dashboard {name} does not exist"))
}
