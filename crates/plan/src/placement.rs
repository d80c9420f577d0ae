//! Where a task's interface goes: the subnet of its configuration whose zone has
//! the fewest of its fellows, so that a service spreads over its zones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use neargate_api_types::ecs::NetworkConfiguration;
use neargate_model::ec2::{self, Subnet};
use neargate_model::ecs::{Placement, Task};
use neargate_store::Snapshot;

/// Why there is no place, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPlace {
    NotConfigured,
    NoSubnet(String),
    NoSecurityGroup(String),
}

impl NoPlace {
    pub fn message(&self) -> String {
        match self {
            NoPlace::NotConfigured => {
                "Network Configuration must be provided when networkMode 'awsvpc' is specified."
                    .into()
            }
            NoPlace::NoSubnet(id) => format!(
                "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
            ),
            NoPlace::NoSecurityGroup(id) => format!(
                "Error retrieving security group information for [{id}]: The security group '{id}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            ),
        }
    }
}

/// The availability zones of the subnets of `configuration`, each once.
pub fn zones(
    snapshot: &Snapshot,
    region: &str,
    configuration: Option<&NetworkConfiguration>,
) -> Vec<String> {
    let vpc = configuration.and_then(|c| c.awsvpc_configuration.as_ref());
    let ids = vpc.map_or(&[][..], |vpc| &vpc.subnets);
    let found = ids.iter().filter_map(|id| snapshot.get::<Subnet>(&ec2::key(region, id)));
    let zones: BTreeSet<String> = found.map(|subnet| subnet.zone.clone()).collect();
    zones.into_iter().collect()
}

/// Chooses among the subnets of `configuration`, given the tasks that are already there.
pub fn choose(
    snapshot: &Snapshot,
    region: &str,
    configuration: Option<&NetworkConfiguration>,
    fellows: &[Arc<Task>],
) -> Result<Placement, NoPlace> {
    choose_in(None, snapshot, region, configuration, fellows)
}

/// The same where the zone is settled.
pub fn choose_in(
    zone: Option<&str>,
    snapshot: &Snapshot,
    region: &str,
    configuration: Option<&NetworkConfiguration>,
    fellows: &[Arc<Task>],
) -> Result<Placement, NoPlace> {
    let vpc = configuration
        .and_then(|c| c.awsvpc_configuration.as_ref())
        .ok_or(NoPlace::NotConfigured)?;
    let mut subnets = Vec::new();
    for id in &vpc.subnets {
        let subnet = snapshot.get::<Subnet>(&ec2::key(region, id));
        subnets.push(subnet.ok_or_else(|| NoPlace::NoSubnet(id.clone()))?);
    }
    let groups = vpc.security_groups.clone().unwrap_or_default();
    for id in &groups {
        if !snapshot.contains::<ec2::SecurityGroup>(&ec2::key(region, id)) {
            return Err(NoPlace::NoSecurityGroup(id.clone()));
        }
    }
    let mut in_zone: BTreeMap<&str, usize> = BTreeMap::new();
    for task in fellows.iter().filter(|t| t.is_wanted()) {
        *in_zone.entry(&task.placement.availability_zone).or_default() += 1;
    }
    let able = subnets.iter().filter(|subnet| zone.is_none_or(|zone| subnet.zone == zone));
    let fewest = able.min_by_key(|s| in_zone.get(s.zone.as_str()).copied().unwrap_or(0));
    let subnet = fewest.ok_or(NoPlace::NotConfigured)?;
    Ok(Placement {
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet.subnet_id.clone(),
        availability_zone: subnet.zone.clone(),
        security_group_ids: groups,
        assign_public_ip: vpc.assign_public_ip.as_deref() == Some("ENABLED"),
    })
}
