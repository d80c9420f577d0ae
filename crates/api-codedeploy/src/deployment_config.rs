//! Deployment configurations: how traffic is shifted. Those of AWS, and one's own.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
mod predefined;

use neargate_api::model::codedeploy::{DeploymentConfig, Traffic};
use neargate_api::types::codedeploy::{DeploymentConfigInfo, TrafficRoutingConfig, error};
use neargate_api::{AwsError, Snapshot};

/// The configuration of this name.
pub fn find(
    snapshot: &Snapshot,
    region: &str,
    name: &str,
) -> Result<DeploymentConfigInfo, AwsError> {
    if let Some(found) = predefined::find(name) {
        return Ok(found);
    }
    let own = snapshot.get::<DeploymentConfig>(&DeploymentConfig::key_of(region, name));
    own.map(|config| config.shown.0.clone()).ok_or_else(|| {
        error::deployment_config_does_not_exist_exception(format!(
            "No Deployment Configuration found for name: {name}"
        ))
    })
}

/// How a configuration for ECS shifts traffic.
pub fn traffic(config: &DeploymentConfigInfo) -> Result<Traffic, AwsError> {
    let routing = config.traffic_routing_config.as_ref();
    match (config.compute_platform.as_deref(), routing) {
        (Some("ECS"), Some(routing)) => read(routing),
        _ => Err(error::invalid_deployment_config_name_exception(format!(
            "The deployment configuration {} is not one for the ECS compute platform.",
            config.deployment_config_name.as_deref().unwrap_or_default()
        ))),
    }
}

/// A routing as it was given, checked.
fn read(routing: &TrafficRoutingConfig) -> Result<Traffic, AwsError> {
    let invalid =
        |why: &str| error::invalid_traffic_routing_configuration_exception(why.to_owned());
    let shares = |percent: Option<i32>, minutes: Option<i32>| {
        let percent = percent.filter(|percent| (1..=99).contains(percent));
        let minutes = minutes.filter(|minutes| (1..=2880).contains(minutes));
        match (percent, minutes) {
            (Some(percent), Some(minutes)) => Ok((percent as u32, minutes as u32)),
            _ => Err(invalid(
                "A time-based routing needs a percentage from 1 to 99 and an interval from 1 to 2880 minutes.",
            )),
        }
    };
    match routing.r#type.as_deref() {
        Some("AllAtOnce") => Ok(Traffic::AllAtOnce),
        Some("TimeBasedCanary") => {
            let canary = routing.time_based_canary.clone().unwrap_or_default();
            let (percent, interval_minutes) =
                shares(canary.canary_percentage, canary.canary_interval)?;
            Ok(Traffic::Canary { percent, interval_minutes })
        }
        Some("TimeBasedLinear") => {
            let linear = routing.time_based_linear.clone().unwrap_or_default();
            let (percent, interval_minutes) =
                shares(linear.linear_percentage, linear.linear_interval)?;
            Ok(Traffic::Linear { percent, interval_minutes })
        }
        _ => Err(invalid(
            "The traffic routing type must be AllAtOnce, TimeBasedCanary or TimeBasedLinear.",
        )),
    }
}
