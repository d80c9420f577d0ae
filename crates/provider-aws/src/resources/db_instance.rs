//! `aws_db_instance`: a new one. Its id is RDS's own (`db-…`), by which it is found
//! also under another name. Replicas, and instances of snapshots, of a point in time
//! and of S3 are not supported.

mod describe;
mod modify;

use async_trait::async_trait;
use neargate_api_types::rds as api;
use neargate_aws_client::Seen;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource};
use crate::resources::rds;
use describe::{MISSING, attributes, instance};

pub struct DbInstance;

/// What it takes RDS to make, change or delete one, in minutes, at most.
const PATIENCE: u64 = 80;

#[async_trait]
impl Resource for DbInstance {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "availability_zone",
                "backup_target",
                "character_set_name",
                "custom_iam_instance_profile",
                "db_name",
                "engine",
                "kms_key_id",
                "nchar_character_set_name",
                "restore_to_point_in_time",
                "s3_import",
                "snapshot_identifier",
                "storage_encrypted",
                "timezone",
                "username",
            ],
            defaults: &[
                ("auto_minor_version_upgrade", Fallback::Bool(true)),
                ("copy_tags_to_snapshot", Fallback::Bool(false)),
                ("dedicated_log_volume", Fallback::Bool(false)),
                ("delete_automated_backups", Fallback::Bool(true)),
                ("monitoring_interval", Fallback::Number(0)),
                ("performance_insights_enabled", Fallback::Bool(false)),
                ("publicly_accessible", Fallback::Bool(false)),
                ("skip_final_snapshot", Fallback::Bool(false)),
            ],
            unsettles: &[("engine_version", "engine_version_actual"), ("identifier", "arn")],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        supported(planned)?;
        let instance = cloud.call::<api::CreateDBInstance>(&new(cloud, planned)).await?.db_instance;
        Ok(instance.unwrap_or_default().dbi_resource_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        available(cloud, &planned.id()).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let Some(instance) = instance(cloud, &known.id()).await? else { return Ok(None) };
        attributes(&mut known, cloud, instance);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        supported(planned)?;
        if let Some(input) = modify::changes(prior, planned) {
            cloud.call::<api::ModifyDBInstance>(&input).await?;
            available(cloud, &planned.id()).await?;
        }
        rds::update_tags(cloud, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let skips = prior.is("skip_final_snapshot");
        let snapshot = prior.string("final_snapshot_identifier").filter(|_| !skips);
        if !skips && snapshot.is_none() {
            return Err(Failure::told(
                "final_snapshot_identifier is required when skip_final_snapshot is false: set one of them",
            ));
        }
        let input = api::DeleteDBInstanceMessage {
            db_instance_identifier: prior.required("identifier"),
            delete_automated_backups: Some(prior.bool("delete_automated_backups").unwrap_or(true)),
            final_db_snapshot_identifier: snapshot,
            skip_final_snapshot: Some(skips),
        };
        match cloud.call::<api::DeleteDBInstance>(&input).await {
            Ok(_) => {}
            Err(error) if error.is_any(&MISSING) => return Ok(()),
            // It is being deleted already.
            Err(error) if error.is_any(&["InvalidDBInstanceState"]) => {
                let status = instance(cloud, &prior.id()).await?.and_then(|i| i.db_instance_status);
                if !matches!(status.as_deref(), None | Some("deleting")) {
                    return Err(error.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
        gone(cloud, &prior.id()).await
    }

    /// By its name.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        Ok(Attributes::from(json!({
            "id": id,
            "delete_automated_backups": true,
            "skip_final_snapshot": true,
        })))
    }
}

fn supported(planned: &Attributes) -> Result<(), Failure> {
    let is_given = |name: &&str| planned.text(name).is_some() || planned.block(name).is_some();
    let origins =
        ["replicate_source_db", "restore_to_point_in_time", "s3_import", "snapshot_identifier"];
    let unsupported = ["domain", "domain_fqdn", "password_wo"];
    match origins.iter().chain(&unsupported).find(|name| is_given(name)) {
        Some(name) => {
            Err(Failure::told(format!("aws_db_instance does not support {name}: leave it out")))
        }
        None => Ok(()),
    }
}

/// What a new instance is called.
pub fn identifier(cloud: &Cloud, planned: &Attributes) -> String {
    let given = planned.string("identifier");
    given.unwrap_or_else(|| cloud.unique_name(planned.text("identifier_prefix")))
}

fn new(cloud: &Cloud, planned: &Attributes) -> api::CreateDBInstanceMessage {
    let positive = |name| planned.number(name).filter(|number| *number > 0);
    api::CreateDBInstanceMessage {
        allocated_storage: planned.number("allocated_storage"),
        auto_minor_version_upgrade: planned.bool("auto_minor_version_upgrade"),
        availability_zone: planned.string("availability_zone"),
        backup_retention_period: planned.number("backup_retention_period"),
        backup_target: planned.string("backup_target"),
        ca_certificate_identifier: planned.string("ca_cert_identifier"),
        character_set_name: planned.string("character_set_name"),
        copy_tags_to_snapshot: planned.bool("copy_tags_to_snapshot"),
        custom_iam_instance_profile: planned.string("custom_iam_instance_profile"),
        database_insights_mode: planned.string("database_insights_mode"),
        db_instance_class: planned.required("instance_class"),
        db_instance_identifier: identifier(cloud, planned),
        db_name: planned.string("db_name"),
        db_parameter_group_name: planned.string("parameter_group_name"),
        db_subnet_group_name: planned.string("db_subnet_group_name"),
        dedicated_log_volume: planned.bool("dedicated_log_volume").filter(|is| *is),
        deletion_protection: planned.bool("deletion_protection"),
        enable_cloudwatch_logs_exports: planned.some_texts("enabled_cloudwatch_logs_exports"),
        enable_customer_owned_ip: planned.bool("customer_owned_ip_enabled"),
        enable_iam_database_authentication: planned.bool("iam_database_authentication_enabled"),
        enable_performance_insights: planned.bool("performance_insights_enabled").filter(|is| *is),
        engine: planned.required("engine"),
        engine_lifecycle_support: planned.string("engine_lifecycle_support"),
        engine_version: planned.string("engine_version"),
        iops: positive("iops"),
        kms_key_id: planned.string("kms_key_id"),
        license_model: planned.string("license_model"),
        manage_master_user_password: planned.bool("manage_master_user_password").filter(|is| *is),
        master_user_password: planned.string("password"),
        master_user_secret_kms_key_id: planned.string("master_user_secret_kms_key_id"),
        master_username: planned.string("username"),
        max_allocated_storage: positive("max_allocated_storage"),
        monitoring_interval: positive("monitoring_interval"),
        monitoring_role_arn: planned.string("monitoring_role_arn"),
        multi_az: planned.bool("multi_az"),
        nchar_character_set_name: planned.string("nchar_character_set_name"),
        network_type: planned.string("network_type"),
        option_group_name: planned.string("option_group_name"),
        performance_insights_kms_key_id: planned.string("performance_insights_kms_key_id"),
        performance_insights_retention_period: positive("performance_insights_retention_period"),
        port: positive("port"),
        preferred_backup_window: planned.string("backup_window"),
        preferred_maintenance_window: planned.string("maintenance_window"),
        publicly_accessible: planned.bool("publicly_accessible"),
        storage_encrypted: planned.bool("storage_encrypted"),
        storage_throughput: positive("storage_throughput"),
        storage_type: planned.string("storage_type"),
        tags: rds::new_tags(planned),
        timezone: planned.string("timezone"),
        vpc_security_group_ids: planned.some_texts("vpc_security_group_ids"),
        ..Default::default()
    }
}

/// States from which it does not come back by itself.
const FAILED: [&str; 7] = [
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "insufficient-capacity",
    "stopped",
];

async fn available(cloud: &Cloud, id: &str) -> Result<(), Failure> {
    let what = format!("DB instance {id}");
    let look = || async {
        let status = instance(cloud, id).await?.and_then(|instance| instance.db_instance_status);
        let status = status.unwrap_or_else(|| "gone".to_owned());
        match status.as_str() {
            "available" | "storage-optimization" => Ok(Seen::Done(())),
            failed if FAILED.contains(&failed) => Err(Failure::told(format!("{what} is {failed}"))),
            _ => Ok(Seen::NotYet(status)),
        }
    };
    cloud.patience(PATIENCE).sees(&what, look).await
}

async fn gone(cloud: &Cloud, id: &str) -> Result<(), Failure> {
    let look = || async {
        let status = instance(cloud, id).await?.map(|instance| instance.db_instance_status);
        Ok::<_, Failure>(match status {
            None => Seen::Done(()),
            Some(status) => Seen::NotYet(status.unwrap_or_default()),
        })
    };
    cloud.patience(PATIENCE).sees(&format!("DB instance {id}"), look).await
}
