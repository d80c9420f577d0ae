//! What has to be told to RDS for a DB instance to become what is planned.

use neargate_api_types::rds as api;

use crate::attributes::Attributes;

/// Only what changes; nothing where nothing of RDS's does.
pub fn changes(prior: &Attributes, planned: &Attributes) -> Option<api::ModifyDBInstanceMessage> {
    let text = |name| planned.string(name).filter(|_| prior.differs(planned, name));
    let number = |name| planned.number(name).filter(|_| prior.differs(planned, name));
    let truth = |name| planned.bool(name).filter(|_| prior.differs(planned, name));
    let identifier = prior.required("identifier");
    let none =
        api::ModifyDBInstanceMessage { db_instance_identifier: identifier, ..Default::default() };
    let mut input = api::ModifyDBInstanceMessage {
        allocated_storage: number("allocated_storage"),
        auto_minor_version_upgrade: truth("auto_minor_version_upgrade"),
        backup_retention_period: number("backup_retention_period"),
        ca_certificate_identifier: text("ca_cert_identifier"),
        cloudwatch_logs_export_configuration: logs(prior, planned),
        copy_tags_to_snapshot: truth("copy_tags_to_snapshot"),
        database_insights_mode: text("database_insights_mode"),
        db_instance_class: text("instance_class"),
        db_parameter_group_name: text("parameter_group_name"),
        db_port_number: number("port"),
        db_subnet_group_name: text("db_subnet_group_name"),
        dedicated_log_volume: truth("dedicated_log_volume"),
        deletion_protection: truth("deletion_protection"),
        enable_customer_owned_ip: truth("customer_owned_ip_enabled"),
        enable_iam_database_authentication: truth("iam_database_authentication_enabled"),
        enable_performance_insights: truth("performance_insights_enabled"),
        engine_version: text("engine_version"),
        iops: number("iops"),
        license_model: text("license_model"),
        manage_master_user_password: truth("manage_master_user_password"),
        master_user_password: text("password"),
        master_user_secret_kms_key_id: text("master_user_secret_kms_key_id"),
        // RDS stops growing an instance that has grown as far as it may.
        max_allocated_storage: match number("max_allocated_storage") {
            Some(0) => planned.number("allocated_storage"),
            most => most,
        },
        monitoring_interval: number("monitoring_interval"),
        monitoring_role_arn: text("monitoring_role_arn"),
        multi_az: truth("multi_az"),
        network_type: text("network_type"),
        new_db_instance_identifier: text("identifier"),
        option_group_name: text("option_group_name"),
        performance_insights_kms_key_id: text("performance_insights_kms_key_id"),
        performance_insights_retention_period: number("performance_insights_retention_period")
            .filter(|days| *days > 0),
        preferred_backup_window: text("backup_window"),
        preferred_maintenance_window: text("maintenance_window"),
        publicly_accessible: truth("publicly_accessible"),
        replica_mode: text("replica_mode"),
        storage_throughput: number("storage_throughput"),
        storage_type: text("storage_type"),
        vpc_security_group_ids: planned
            .some_texts("vpc_security_group_ids")
            .filter(|_| prior.differs(planned, "vpc_security_group_ids")),
        ..none.clone()
    };
    if input == none {
        return None;
    }
    // The service takes Insights' mode only together with whether they are on.
    if input.database_insights_mode.is_some() {
        input.enable_performance_insights = planned.bool("performance_insights_enabled");
    }
    input.allow_major_version_upgrade =
        planned.bool("allow_major_version_upgrade").filter(|_| input.engine_version.is_some());
    input.apply_immediately = Some(planned.is("apply_immediately"));
    Some(input)
}

fn logs(
    prior: &Attributes,
    planned: &Attributes,
) -> Option<api::CloudwatchLogsExportConfiguration> {
    let name = "enabled_cloudwatch_logs_exports";
    let (before, after) = (prior.texts(name), planned.texts(name));
    let only = |these: &[String], others: &[String]| {
        let only: Vec<String> = these.iter().filter(|log| !others.contains(log)).cloned().collect();
        Some(only).filter(|logs| !logs.is_empty())
    };
    let (enable_log_types, disable_log_types) = (only(&after, &before), only(&before, &after));
    let is_change = enable_log_types.is_some() || disable_log_types.is_some();
    is_change
        .then_some(api::CloudwatchLogsExportConfiguration { disable_log_types, enable_log_types })
}
