//! The settings of a new instance: those asked for, checked, and RDS's defaults.

use neargate_api::model::rds::{BackupWindow, MaintenanceWindow, Version, memory_mib};
use neargate_api::types::rds::{
    CreateDBInstanceMessage, DBInstance, OptionGroupMembership, PendingModifiedValues,
};
use neargate_api::{AwsError, Ctx};

use crate::engine::{AUTHORITIES, STORAGE_TYPES};
use crate::error;

/// The least GiB of a kind of storage.
pub fn least_storage(kind: &str) -> i32 {
    match kind {
        "io1" | "io2" => 100,
        "standard" => 5,
        _ => 20,
    }
}

/// The most GiB of a kind of storage.
pub fn most_storage(kind: &str) -> i32 {
    if kind == "standard" { 3072 } else { 65536 }
}

/// From this size on gp3 has 12000 IOPS and 500 MiB/s, and may have more.
/// Source: "Amazon RDS DB instance storage" in the RDS guide.
const GP3_STRIPED_GIB: i32 = 400;

/// What is kept of a creation and shown back.
pub fn of(
    ctx: &Ctx,
    input: &CreateDBInstanceMessage,
    version: Version,
) -> Result<DBInstance, AwsError> {
    class(&input.db_instance_class)?;
    let storage = storage(input)?;
    let backup_days = input.backup_retention_period.unwrap_or(1);
    days(backup_days)?;
    let (backup, maintenance) = windows(
        input.preferred_backup_window.clone().unwrap_or_else(|| "09:00-09:30".into()),
        input.preferred_maintenance_window.clone().unwrap_or_else(|| "sun:10:30-sun:11:00".into()),
    )?;
    let insights = input.enable_performance_insights.unwrap_or(false);
    let major = version.major;
    let option_group =
        input.option_group_name.clone().unwrap_or_else(|| format!("default:postgres-{major}"));
    if option_group != format!("default:postgres-{major}") {
        return Err(neargate_api::types::rds::error::option_group_not_found_fault(format!(
            "Specified OptionGroupName: {option_group} not found."
        )));
    }
    let authority =
        input.ca_certificate_identifier.clone().unwrap_or_else(|| AUTHORITIES[0].into());
    known_authority(&authority)?;
    let encrypted = input.storage_encrypted.unwrap_or(false);
    if input.kms_key_id.is_some() && !encrypted {
        return Err(error::invalid_combination(
            "KmsKeyId can be specified only with StorageEncrypted.",
        ));
    }
    Ok(DBInstance {
        auto_minor_version_upgrade: Some(input.auto_minor_version_upgrade.unwrap_or(true)),
        backup_retention_period: Some(backup_days),
        backup_target: Some("region".into()),
        ca_certificate_identifier: Some(authority),
        copy_tags_to_snapshot: Some(input.copy_tags_to_snapshot.unwrap_or(false)),
        customer_owned_ip_enabled: Some(false),
        database_insights_mode: Some(
            input.database_insights_mode.clone().unwrap_or_else(|| "standard".into()),
        ),
        db_instance_class: Some(input.db_instance_class.clone()),
        db_name: input.db_name.clone(),
        dedicated_log_volume: Some(input.dedicated_log_volume.unwrap_or(false)),
        deletion_protection: Some(input.deletion_protection.unwrap_or(false)),
        enabled_cloudwatch_logs_exports: logs(input)?,
        engine: Some("postgres".into()),
        engine_lifecycle_support: Some(
            input
                .engine_lifecycle_support
                .clone()
                .unwrap_or_else(|| "open-source-rds-extended-support".into()),
        ),
        engine_version: Some(version.to_string()),
        iam_database_authentication_enabled: Some(
            input.enable_iam_database_authentication.unwrap_or(false),
        ),
        kms_key_id: input.kms_key_id.as_ref().map(|key| key_arn(ctx, key)),
        license_model: Some("postgresql-license".into()),
        master_username: input.master_username.clone(),
        monitoring_interval: Some(input.monitoring_interval.unwrap_or(0)),
        monitoring_role_arn: input.monitoring_role_arn.clone(),
        multi_az: Some(input.multi_az.unwrap_or(false)),
        network_type: Some("IPV4".into()),
        option_group_memberships: Some(vec![OptionGroupMembership {
            option_group_name: Some(option_group),
            status: Some("in-sync".into()),
        }]),
        pending_modified_values: Some(PendingModifiedValues::default()),
        performance_insights_enabled: Some(insights),
        performance_insights_kms_key_id: input
            .performance_insights_kms_key_id
            .as_ref()
            .map(|key| key_arn(ctx, key)),
        performance_insights_retention_period: insights
            .then(|| input.performance_insights_retention_period.unwrap_or(7)),
        preferred_backup_window: Some(backup),
        preferred_maintenance_window: Some(maintenance),
        publicly_accessible: Some(input.publicly_accessible.unwrap_or(false)),
        storage_encrypted: Some(encrypted),
        ..storage
    })
}

/// An instance class that exists.
pub fn class(name: &str) -> Result<(), AwsError> {
    memory_mib(name)
        .map(drop)
        .ok_or_else(|| error::invalid_value(format!("Invalid DB Instance class: {name}")))
}

pub fn known_authority(name: &str) -> Result<(), AwsError> {
    if AUTHORITIES.contains(&name) {
        return Ok(());
    }
    Err(neargate_api::types::rds::error::certificate_not_found_fault(format!(
        "Certificate {name} not found."
    )))
}

pub fn days(days: i32) -> Result<(), AwsError> {
    if (0..=35).contains(&days) {
        return Ok(());
    }
    Err(error::invalid_value(format!(
        "Invalid backup retention period: {days}. Must be between 0 and 35."
    )))
}

/// Both windows in lower case, which must not meet.
pub fn windows(backup: String, maintenance: String) -> Result<(String, String), AwsError> {
    let bad = |why: neargate_api::model::rds::BadWindow| error::invalid_value(why.to_string());
    let (backup, maintenance) = (backup.to_ascii_lowercase(), maintenance.to_ascii_lowercase());
    let daily = BackupWindow::parse(&backup).map_err(bad)?;
    if MaintenanceWindow::parse(&maintenance).map_err(bad)?.meets(&daily) {
        return Err(error::invalid_value(
            "The backup window and maintenance window must not overlap.",
        ));
    }
    Ok((backup, maintenance))
}

/// A key's ARN, however it was named.
fn key_arn(ctx: &Ctx, key: &str) -> String {
    match key.starts_with("arn:") {
        true => key.to_owned(),
        false if key.starts_with("alias/") => ctx.arn("kms", key),
        false => ctx.arn("kms", format!("key/{key}")),
    }
}

fn logs(input: &CreateDBInstanceMessage) -> Result<Option<Vec<String>>, AwsError> {
    let Some(mut logs) = input.enable_cloudwatch_logs_exports.clone() else { return Ok(None) };
    known_logs(&logs)?;
    logs.sort();
    Ok((!logs.is_empty()).then_some(logs))
}

pub fn known_logs(logs: &[String]) -> Result<(), AwsError> {
    match logs
        .iter()
        .find(|log| !["postgresql", "upgrade", "iam-db-auth-error"].contains(&log.as_str()))
    {
        None => Ok(()),
        Some(log) => Err(error::invalid_combination(format!(
            "You cannot use the log types '{log}' with engine version postgres."
        ))),
    }
}

/// Kind, size, IOPS and throughput of the storage.
fn storage(input: &CreateDBInstanceMessage) -> Result<DBInstance, AwsError> {
    let kind = input.storage_type.clone().unwrap_or_else(|| match input.iops {
        Some(_) => "io1".into(),
        None => "gp2".into(),
    });
    let allocated = input.allocated_storage.ok_or_else(|| {
        error::invalid_value(
            "Invalid storage size for engine name postgres and storage type gp2: null",
        )
    })?;
    check_storage(&kind, allocated, input.iops, input.storage_throughput)?;
    let gp3 = kind == "gp3";
    let striped = allocated >= GP3_STRIPED_GIB;
    let limit = input.max_allocated_storage.filter(|limit| *limit > 0);
    if limit.is_some_and(|limit| limit <= allocated) {
        return Err(error::invalid_combination(
            "Max storage size must be greater than storage size",
        ));
    }
    Ok(DBInstance {
        allocated_storage: Some(allocated),
        max_allocated_storage: limit,
        iops: input.iops.or(gp3.then_some(if striped { 12000 } else { 3000 })),
        storage_throughput: input.storage_throughput.or(Some(if !gp3 {
            0
        } else if striped {
            500
        } else {
            125
        })),
        storage_type: Some(kind),
        ..DBInstance::default()
    })
}

/// What a kind of storage allows.
pub fn check_storage(
    kind: &str,
    allocated: i32,
    iops: Option<i32>,
    throughput: Option<i32>,
) -> Result<(), AwsError> {
    if !STORAGE_TYPES.contains(&kind) {
        return Err(error::invalid_value(format!("Invalid storage type: {kind}")));
    }
    if !(least_storage(kind)..=most_storage(kind)).contains(&allocated) {
        return Err(error::invalid_value(format!(
            "Invalid storage size for engine name postgres and storage type {kind}: {allocated}"
        )));
    }
    let provisioned = kind.starts_with("io");
    if provisioned && iops.is_none() {
        return Err(error::invalid_combination(format!(
            "You must specify both the storage size and iops when requesting a storage type of {kind}"
        )));
    }
    let small_gp3 = kind == "gp3" && allocated < GP3_STRIPED_GIB;
    if small_gp3 && (iops.is_some_and(|iops| iops != 3000) || throughput.is_some_and(|t| t != 125))
    {
        return Err(error::invalid_combination(format!(
            "You can't specify IOPS or storage throughput for engine postgres and a storage size less than {GP3_STRIPED_GIB}."
        )));
    }
    if iops.is_some() && !provisioned && kind != "gp3" {
        return Err(error::invalid_combination(format!(
            "You can't specify IOPS for the storage type {kind}."
        )));
    }
    Ok(())
}
