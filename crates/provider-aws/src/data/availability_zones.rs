//! `data.aws_availability_zones`.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};

pub struct AvailabilityZones;

#[async_trait]
impl Data for AvailabilityZones {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        let filter = |name: String, values: Vec<String>| ec2::Filter {
            name: Some(name),
            values: Some(values),
        };
        let given = config.blocks("filter");
        let mut filters: Vec<ec2::Filter> = given
            .iter()
            .map(|block| filter(block.required("name"), block.texts("values")))
            .collect();
        if let Some(state) = config.string("state") {
            filters.push(filter("state".to_owned(), vec![state]));
        }
        let input = ec2::DescribeAvailabilityZonesRequest {
            all_availability_zones: config.bool("all_availability_zones"),
            filters: Some(filters).filter(|filters| !filters.is_empty()),
            ..Default::default()
        };
        let zones = cloud.call::<ec2::DescribeAvailabilityZones>(&input).await?.availability_zones;
        let (no_names, no_ids) = (config.texts("exclude_names"), config.texts("exclude_zone_ids"));
        let mut zones: Vec<(String, String, String)> = zones
            .unwrap_or_default()
            .into_iter()
            .map(|zone| {
                let text = Option::unwrap_or_default;
                (text(zone.zone_name), text(zone.zone_id), text(zone.group_name))
            })
            .filter(|(name, id, _)| !no_names.contains(name) && !no_ids.contains(id))
            .collect();
        zones.sort();
        let mut groups: Vec<&String> = zones.iter().map(|(_, _, group)| group).collect();
        groups.sort();
        groups.dedup();
        config.extend(json!({
            "group_names": groups,
            "id": cloud.region(),
            "names": zones.iter().map(|(name, ..)| name).collect::<Vec<_>>(),
            "zone_ids": zones.iter().map(|(_, id, _)| id).collect::<Vec<_>>(),
        }));
        Ok(config)
    }
}
