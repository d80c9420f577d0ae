//! What `ModifyDBInstance` changes, and when: some at once, some only when asked
//! to be immediate and otherwise in the maintenance window.
//! Source: "Settings for DB instances" in the RDS guide.

use neargate_api_types::rds::{ModifyDBInstanceMessage, PendingModifiedValues};
use neargate_wire::Stored;

use super::DbInstance;

/// The part of a modification that waits for the maintenance window; `None`
/// when nothing of it does.
pub fn deferred(asked: &ModifyDBInstanceMessage) -> Option<ModifyDBInstanceMessage> {
    let later = ModifyDBInstanceMessage {
        allocated_storage: asked.allocated_storage,
        db_instance_class: asked.db_instance_class.clone(),
        engine_version: asked.engine_version.clone(),
        multi_az: asked.multi_az,
        db_port_number: asked.db_port_number,
        storage_type: asked.storage_type.clone(),
        iops: asked.iops,
        storage_throughput: asked.storage_throughput,
        ..ModifyDBInstanceMessage::default()
    };
    (later != ModifyDBInstanceMessage::default()).then_some(later)
}

/// Joins a later modification to what waits already; the later one wins.
pub fn join(waiting: &mut ModifyDBInstanceMessage, later: ModifyDBInstanceMessage) {
    set(&mut waiting.allocated_storage, later.allocated_storage);
    set(&mut waiting.db_instance_class, later.db_instance_class);
    set(&mut waiting.engine_version, later.engine_version);
    set(&mut waiting.multi_az, later.multi_az);
    set(&mut waiting.db_port_number, later.db_port_number);
    set(&mut waiting.storage_type, later.storage_type);
    set(&mut waiting.iops, later.iops);
    set(&mut waiting.storage_throughput, later.storage_throughput);
}

/// Makes what waits for the maintenance window so.
pub fn apply_deferred(instance: &mut DbInstance, change: &ModifyDBInstanceMessage) {
    if let Some(port) = change.db_port_number.and_then(|port| u16::try_from(port).ok()) {
        instance.port = port;
    }
    let settings = &mut *instance.settings;
    set(&mut settings.allocated_storage, change.allocated_storage);
    set(&mut settings.db_instance_class, change.db_instance_class.clone());
    set(&mut settings.engine_version, change.engine_version.clone());
    set(&mut settings.multi_az, change.multi_az);
    set(&mut settings.storage_type, change.storage_type.clone());
    set(&mut settings.iops, change.iops);
    set(&mut settings.storage_throughput, change.storage_throughput);
}

/// Makes so what is always changed at once, but for what needs more than the record:
/// password, security groups, parameter group and secret.
pub fn apply_immediate(instance: &mut DbInstance, change: &ModifyDBInstanceMessage) {
    let settings = &mut *instance.settings;
    macro_rules! copy {
        ($($to:ident = $from:ident),* $(,)?) => {
            $( if change.$from.is_some() { settings.$to = change.$from.clone(); } )*
        };
    }
    copy! {
        auto_minor_version_upgrade = auto_minor_version_upgrade,
        backup_retention_period = backup_retention_period,
        ca_certificate_identifier = ca_certificate_identifier,
        copy_tags_to_snapshot = copy_tags_to_snapshot,
        database_insights_mode = database_insights_mode,
        deletion_protection = deletion_protection,
        engine_lifecycle_support = engine_lifecycle_support,
        iam_database_authentication_enabled = enable_iam_database_authentication,
        max_allocated_storage = max_allocated_storage,
        monitoring_interval = monitoring_interval,
        monitoring_role_arn = monitoring_role_arn,
        network_type = network_type,
        performance_insights_enabled = enable_performance_insights,
        performance_insights_kms_key_id = performance_insights_kms_key_id,
        performance_insights_retention_period = performance_insights_retention_period,
        preferred_backup_window = preferred_backup_window,
        preferred_maintenance_window = preferred_maintenance_window,
        publicly_accessible = publicly_accessible,
    }
    // A limit that is no more than the storage switches storage autoscaling off.
    if settings.max_allocated_storage <= settings.allocated_storage {
        settings.max_allocated_storage = None;
    }
    if let Some(logs) = &change.cloudwatch_logs_export_configuration {
        let mut all = settings.enabled_cloudwatch_logs_exports.take().unwrap_or_default();
        all.retain(|log| !logs.disable_log_types.iter().flatten().any(|gone| gone == log));
        all.extend(logs.enable_log_types.iter().flatten().cloned());
        all.sort();
        all.dedup();
        settings.enabled_cloudwatch_logs_exports = (!all.is_empty()).then_some(all);
    }
}

/// What waits, as `DescribeDBInstances` shows it.
pub fn shown(waiting: Option<&Stored<ModifyDBInstanceMessage>>) -> PendingModifiedValues {
    let Some(waiting) = waiting else { return PendingModifiedValues::default() };
    PendingModifiedValues {
        allocated_storage: waiting.allocated_storage,
        db_instance_class: waiting.db_instance_class.clone(),
        engine_version: waiting.engine_version.clone(),
        multi_az: waiting.multi_az,
        port: waiting.db_port_number,
        storage_type: waiting.storage_type.clone(),
        iops: waiting.iops,
        storage_throughput: waiting.storage_throughput,
        ..PendingModifiedValues::default()
    }
}

fn set<T>(to: &mut Option<T>, from: Option<T>) {
    if from.is_some() {
        *to = from;
    }
}
