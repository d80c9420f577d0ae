//! Snapshots: their shape, and how one begins.

pub mod create;
pub mod delete;
pub mod describe;

use std::sync::Arc;

use neargate_api::model::rds::{DbInstance, DbSnapshot, SnapshotKind, SnapshotStatus, key};
use neargate_api::types::rds::{DBSnapshot, error as fault};
use neargate_api::{AwsError, Ctx, Snapshot, Tags, Tx};

use crate::{arn, error, tag};

fn find(snapshot: &Snapshot, region: &str, name: &str) -> Result<Arc<DbSnapshot>, AwsError> {
    snapshot
        .get::<DbSnapshot>(&key(region, name))
        .ok_or_else(|| fault::db_snapshot_not_found_fault(format!("DBSnapshot {name} not found.")))
}

/// Begins a snapshot of an instance, whose name must be free; the database loop takes it.
pub fn begin(
    ctx: &Ctx,
    tx: &mut Tx,
    instance: &DbInstance,
    name: &str,
    tags: Tags,
) -> Result<DbSnapshot, AwsError> {
    let identifier = checked(name)?;
    if tx.contains::<DbSnapshot>(&key(&ctx.region, &identifier)) {
        return Err(fault::db_snapshot_already_exists_fault(format!(
            "Cannot create the snapshot because a snapshot with the identifier {identifier} already exists."
        )));
    }
    let copied = instance.settings.copy_tags_to_snapshot == Some(true);
    let mut all = if copied { instance.tags.clone() } else { Tags::new() };
    all.extend(tags);
    let snapshot = DbSnapshot {
        region: ctx.region.clone(),
        arn: arn(ctx, "snapshot", &identifier),
        identifier,
        kind: SnapshotKind::Manual,
        status: SnapshotStatus::Creating,
        data: format!("snap-{}", ctx.rng().hex(17)),
        instance_identifier: instance.identifier.clone(),
        resource_id: instance.resource_id.clone(),
        vpc_id: instance.vpc_id.clone(),
        port: instance.port,
        instance_created_at: instance.created_at,
        created_at: ctx.now,
        settings: instance.settings.clone(),
        tags: all,
    };
    tx.put(snapshot.clone());
    Ok(snapshot)
}

fn checked(name: &str) -> Result<String, AwsError> {
    let name = name.to_ascii_lowercase();
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 255
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.ends_with('-')
        && !name.contains("--");
    good.then_some(name.clone()).ok_or_else(|| {
        error::invalid_value(format!(
            "The parameter DBSnapshotIdentifier is not a valid identifier: {name}. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        ))
    })
}

/// As the API shows it.
fn shape(snapshot: &DbSnapshot) -> DBSnapshot {
    let settings = &snapshot.settings;
    let done = snapshot.status != SnapshotStatus::Creating;
    DBSnapshot {
        allocated_storage: settings.allocated_storage,
        availability_zone: settings.availability_zone.clone(),
        db_instance_identifier: Some(snapshot.instance_identifier.clone()),
        db_snapshot_arn: Some(snapshot.arn.clone()),
        db_snapshot_identifier: Some(snapshot.identifier.clone()),
        dbi_resource_id: Some(snapshot.resource_id.clone()),
        dedicated_log_volume: Some(false),
        encrypted: settings.storage_encrypted,
        engine: settings.engine.clone(),
        engine_version: settings.engine_version.clone(),
        iam_database_authentication_enabled: settings.iam_database_authentication_enabled,
        instance_create_time: Some(snapshot.instance_created_at),
        iops: settings.iops,
        kms_key_id: settings.kms_key_id.clone(),
        license_model: settings.license_model.clone(),
        master_username: settings.master_username.clone(),
        option_group_name: settings
            .option_group_memberships
            .as_ref()
            .and_then(|groups| groups.first()?.option_group_name.clone()),
        original_snapshot_create_time: Some(snapshot.created_at),
        percent_progress: Some(if done { 100 } else { 0 }),
        port: Some(snapshot.port.into()),
        snapshot_create_time: Some(snapshot.created_at),
        snapshot_target: Some("region".into()),
        snapshot_type: Some(snapshot.kind.as_str().into()),
        status: Some(snapshot.status.as_str().into()),
        storage_throughput: settings.storage_throughput,
        storage_type: settings.storage_type.clone(),
        tag_list: Some(tag::shape(&snapshot.tags)),
        vpc_id: Some(snapshot.vpc_id.clone()),
        ..DBSnapshot::default()
    }
}
