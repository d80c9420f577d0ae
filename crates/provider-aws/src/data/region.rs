//! `data.aws_region`: the provider's, or one by its name or endpoint.

use async_trait::async_trait;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};

pub struct Region;

/// Names as the general reference's "AWS Regions" has them.
const NAMES: [(&str, &str); 22] = [
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ca-central-1", "Canada (Central)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

#[async_trait]
impl Data for Region {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        let of_endpoint = config.text("endpoint").map(|endpoint| {
            let of = endpoint.strip_prefix("ec2.").and_then(|rest| rest.split('.').next());
            of.unwrap_or_default().to_owned()
        });
        let given = config.string("name").or(of_endpoint);
        let name = given.unwrap_or_else(|| cloud.region().to_owned());
        let Some((_, description)) = NAMES.iter().find(|(known, _)| *known == name) else {
            return Err(Failure::told(format!("There is no region {name} that is known here")));
        };
        config.extend(json!({
            "description": description,
            "endpoint": format!("ec2.{name}.amazonaws.com"),
            "id": name,
            "name": name,
        }));
        Ok(config)
    }
}
