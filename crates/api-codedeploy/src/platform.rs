//! The compute platform: ECS is the one that is here.

use neargate_api::AwsError;
use neargate_api::types::codedeploy::error;

/// Refuses every platform but ECS; nothing given means servers, as on AWS.
pub fn check(platform: Option<&str>) -> Result<(), AwsError> {
    match platform {
        Some("ECS") => Ok(()),
        Some("Server" | "Lambda" | "Kubernetes") | None => {
            Err(error::invalid_compute_platform_exception(format!(
                "Neargate has services of ECS only for CodeDeploy to deploy to: set the compute platform to ECS, not {}.",
                platform.unwrap_or("Server, which none means")
            )))
        }
        Some(other) => Err(error::invalid_compute_platform_exception(format!(
            "The compute platform {other} is invalid: it must be ECS, Lambda or Server."
        ))),
    }
}
