//! Subnet groups: their shape, and what holds for their subnets.

pub mod create;
pub mod delete;
pub mod describe;
pub mod modify;

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_api::model::ec2::{self, Subnet};
use neargate_api::model::rds::{SubnetGroup, key};
use neargate_api::types::rds::{self, AvailabilityZone, DBSubnetGroup, error as fault};
use neargate_api::{AwsError, Snapshot};

use crate::error;

/// The group of a name.
pub fn find(snapshot: &Snapshot, region: &str, name: &str) -> Result<Arc<SubnetGroup>, AwsError> {
    snapshot.get::<SubnetGroup>(&key(region, name)).ok_or_else(|| {
        fault::db_subnet_group_not_found_fault(format!("DB subnet group '{name}' does not exist."))
    })
}

/// The VPC of subnets that are one VPC's and in two zones at least.
fn vpc_of(snapshot: &Snapshot, region: &str, ids: &[String]) -> Result<String, AwsError> {
    let mut zones = BTreeSet::new();
    let mut vpcs = BTreeSet::new();
    for id in ids {
        let subnet = snapshot.get::<Subnet>(&ec2::key(region, id)).ok_or_else(|| {
            fault::invalid_subnet(format!(
                "Some input subnets in :[{}] are invalid.",
                ids.join(", ")
            ))
        })?;
        zones.insert(subnet.zone.clone());
        vpcs.insert(subnet.vpc_id.clone());
    }
    if vpcs.len() > 1 {
        return Err(error::invalid_value("The subnets must all be in the same VPC."));
    }
    if zones.len() < 2 {
        return Err(fault::db_subnet_group_does_not_cover_enough_azs(format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {}. Add subnets to cover at least 2 AZs.",
            zones.into_iter().collect::<Vec<_>>().join(", ")
        )));
    }
    vpcs.pop_first().ok_or_else(|| error::invalid_value("The group has no subnet."))
}

/// As the API shows it.
pub fn shape(snapshot: &Snapshot, group: &SubnetGroup) -> DBSubnetGroup {
    let subnet = |id: &String| {
        let found = snapshot.get::<Subnet>(&ec2::key(&group.region, id));
        rds::Subnet {
            subnet_identifier: Some(id.clone()),
            subnet_availability_zone: found
                .map(|subnet| AvailabilityZone { name: Some(subnet.zone.clone()) }),
            subnet_status: Some("Active".into()),
            ..rds::Subnet::default()
        }
    };
    DBSubnetGroup {
        db_subnet_group_arn: Some(group.arn.clone()),
        db_subnet_group_description: Some(group.description.clone()),
        db_subnet_group_name: Some(group.name.clone()),
        subnet_group_status: Some("Complete".into()),
        subnets: Some(group.subnet_ids.iter().map(subnet).collect()),
        supported_network_types: Some(vec!["IPV4".into()]),
        vpc_id: Some(group.vpc_id.clone()),
    }
}
