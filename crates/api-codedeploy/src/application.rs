//! Applications: what their operations share.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use std::sync::Arc;

use neargate_api::model::codedeploy::Application;
use neargate_api::types::codedeploy::error;
use neargate_api::{AwsError, Ctx, Snapshot};

/// `arn:…:application:NAME`.
pub fn arn(ctx: &Ctx, name: &str) -> String {
    ctx.arn("codedeploy", format!("application:{name}"))
}

/// The application of this name.
pub fn find(snapshot: &Snapshot, region: &str, name: &str) -> Result<Arc<Application>, AwsError> {
    let found = snapshot.get::<Application>(&Application::key_of(region, name));
    found.ok_or_else(|| missing(name))
}

/// AWS's error for an application that is not there.
pub fn missing(name: &str) -> AwsError {
    error::application_does_not_exist_exception(format!("No application found for name: {name}"))
}

/// The model says how long a name may be, and not what it may be made of.
fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._+=,@-".contains(c);
    match !name.is_empty() && name.len() <= 100 && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(error::invalid_application_name_exception(format!(
            "The application name '{name}' is invalid: it must be 1 to 100 letters, digits and any of . _ + = , @ -"
        ))),
    }
}
