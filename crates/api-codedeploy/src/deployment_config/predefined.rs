//! The configurations that AWS has for everybody.
//! Source: "Predefined deployment configurations for an Amazon ECS compute platform" in the
//! CodeDeploy guide; those of servers are listed, and no deployment here can use them.

use neargate_api::types::codedeploy::{
    DeploymentConfigInfo, MinimumHealthyHosts, TimeBasedCanary, TimeBasedLinear,
    TrafficRoutingConfig,
};

/// Their names, in order.
pub const NAMES: [&str; 8] = [
    "CodeDeployDefault.AllAtOnce",
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
    "CodeDeployDefault.HalfAtATime",
    "CodeDeployDefault.OneAtATime",
];

/// The one of this name.
pub fn find(name: &str) -> Option<DeploymentConfigInfo> {
    let at = NAMES.iter().position(|known| *known == name)?;
    let config = match name.strip_prefix("CodeDeployDefault.")? {
        "ECSAllAtOnce" => routing("AllAtOnce", None, None),
        "ECSCanary10Percent15Minutes" => routing("TimeBasedCanary", Some(15), None),
        "ECSCanary10Percent5Minutes" => routing("TimeBasedCanary", Some(5), None),
        "ECSLinear10PercentEvery1Minutes" => routing("TimeBasedLinear", None, Some(1)),
        "ECSLinear10PercentEvery3Minutes" => routing("TimeBasedLinear", None, Some(3)),
        "AllAtOnce" => servers("FLEET_PERCENT", 0),
        "HalfAtATime" => servers("FLEET_PERCENT", 50),
        _ => servers("HOST_COUNT", 1),
    };
    Some(DeploymentConfigInfo {
        deployment_config_id: Some(format!("00000000-0000-0000-0000-{:012}", at + 1)),
        deployment_config_name: Some(name.into()),
        ..config
    })
}

/// Ten percent at a time.
fn routing(kind: &str, canary: Option<i32>, linear: Option<i32>) -> DeploymentConfigInfo {
    DeploymentConfigInfo {
        compute_platform: Some("ECS".into()),
        traffic_routing_config: Some(TrafficRoutingConfig {
            r#type: Some(kind.into()),
            time_based_canary: canary.map(|minutes| TimeBasedCanary {
                canary_percentage: Some(10),
                canary_interval: Some(minutes),
            }),
            time_based_linear: linear.map(|minutes| TimeBasedLinear {
                linear_percentage: Some(10),
                linear_interval: Some(minutes),
            }),
        }),
        ..Default::default()
    }
}

fn servers(kind: &str, value: i32) -> DeploymentConfigInfo {
    DeploymentConfigInfo {
        compute_platform: Some("Server".into()),
        minimum_healthy_hosts: Some(MinimumHealthyHosts {
            r#type: Some(kind.into()),
            value: Some(value),
        }),
        ..Default::default()
    }
}
