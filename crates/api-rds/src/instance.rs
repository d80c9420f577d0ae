//! Database instances: their shape, and what several operations check.

pub mod create;
pub mod delete;
pub mod describe;
pub mod modify;
pub mod reboot;
mod settings;
pub mod start;
pub mod stop;

use std::sync::Arc;

use neargate_api::model::ec2::{self, NetworkInterface};
use neargate_api::model::rds::{
    DbInstance, DbSnapshot, SnapshotStatus, Status, SubnetGroup, endpoint, key, modification,
    prefix,
};
use neargate_api::types::rds::{
    CertificateDetails, DBInstance, DBParameterGroupStatus, Endpoint, MasterUserSecret,
    VpcSecurityGroupMembership, error as fault,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::certificate::describe::TILL;
use crate::{subnet_group, tag};

pub use settings::{least_storage, most_storage};

/// The zone that clients of a region's RDS endpoints look names up in.
const HOSTED_ZONE_ID: &str = "Z1PVIF0B656C1W";

/// The instance of a name.
pub fn find(snapshot: &Snapshot, region: &str, name: &str) -> Result<Arc<DbInstance>, AwsError> {
    snapshot
        .get::<DbInstance>(&key(region, name))
        .ok_or_else(|| fault::db_instance_not_found_fault(format!("DBInstance {name} not found.")))
}

/// Refuses unless the instance is in one of these states.
pub fn needs(instance: &DbInstance, states: &[Status]) -> Result<(), AwsError> {
    if states.contains(&instance.status) {
        return Ok(());
    }
    let wanted: Vec<&str> = states.iter().map(|status| status.as_str()).collect();
    Err(fault::invalid_db_instance_state_fault(format!(
        "Instance {} is not in a state that allows this: it is {}, and must be {}.",
        instance.identifier,
        instance.status.as_str(),
        wanted.join(" or ")
    )))
}

/// As the API shows it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, instance: &DbInstance) -> DBInstance {
    let interface =
        snapshot.get::<NetworkInterface>(&ec2::key(&instance.region, &instance.interface_id));
    let subnet_group = snapshot.get::<SubnetGroup>(&key(&instance.region, &instance.subnet_group));
    let group = |id: &String| VpcSecurityGroupMembership {
        vpc_security_group_id: Some(id.clone()),
        status: Some("active".into()),
    };
    let authority = instance.settings.ca_certificate_identifier.clone();
    DBInstance {
        availability_zone: interface.map(|interface| interface.zone.clone()),
        certificate_details: Some(CertificateDetails {
            ca_identifier: authority,
            valid_till: Some(TILL),
        }),
        db_instance_arn: Some(instance.arn.clone()),
        db_instance_identifier: Some(instance.identifier.clone()),
        db_instance_port: Some(0),
        db_instance_status: Some(instance.status.as_str().into()),
        db_parameter_groups: Some(vec![DBParameterGroupStatus {
            db_parameter_group_name: Some(instance.parameter_group.clone()),
            parameter_apply_status: Some(instance.parameter_apply_status.clone()),
        }]),
        db_subnet_group: subnet_group.map(|group| subnet_group::shape(snapshot, &group)),
        dbi_resource_id: Some(instance.resource_id.clone()),
        endpoint: instance.made.then(|| Endpoint {
            address: Some(endpoint(&instance.identifier, ctx.account(), &instance.region)),
            hosted_zone_id: Some(HOSTED_ZONE_ID.into()),
            port: Some(instance.port.into()),
        }),
        instance_create_time: instance.made.then_some(instance.created_at),
        master_user_secret: secret(instance),
        pending_modified_values: Some(modification::shown(instance.pending.as_ref())),
        tag_list: Some(tag::shape(&instance.tags)),
        vpc_security_groups: Some(instance.security_group_ids.iter().map(group).collect()),
        latest_restorable_time: latest_snapshot(snapshot, instance),
        ..instance.settings.0.clone()
    }
}

fn secret(instance: &DbInstance) -> Option<MasterUserSecret> {
    let secret = instance.secret.as_ref()?;
    let made = secret.arn.is_some();
    Some(MasterUserSecret {
        secret_arn: secret.arn.clone(),
        secret_status: Some(if made { "active" } else { "creating" }.into()),
        kms_key_id: secret.kms_key_id.clone(),
    })
}

/// The newest time that the instance's data could be had again from.
fn latest_snapshot(snapshot: &Snapshot, instance: &DbInstance) -> Option<neargate_api::Timestamp> {
    snapshot
        .scan::<DbSnapshot>(&prefix(&instance.region))
        .filter(|one| one.resource_id == instance.resource_id)
        .filter(|one| one.status == SnapshotStatus::Available)
        .map(|one| one.created_at)
        .max()
}
