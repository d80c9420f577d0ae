//! A DB instance as RDS describes it, in the resource's attributes.

use neargate_api_types::rds as api;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Failure, found};
use crate::resources::rds;
use crate::resources::security_group::prefix_of;

pub const MISSING: [&str; 2] = ["DBInstanceNotFound", "DBInstanceNotFoundFault"];

/// By its id (`db-…` with capital letters) or its name.
pub async fn instance(cloud: &Cloud, id: &str) -> Result<Option<api::DBInstance>, Failure> {
    let is_id = id.strip_prefix("db-").is_some_and(|rest| {
        rest.len() > 1
            && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    });
    let filter = || api::Filter { name: "dbi-resource-id".to_owned(), values: vec![id.to_owned()] };
    let input = api::DescribeDBInstancesMessage {
        db_instance_identifier: (!is_id).then(|| id.to_owned()),
        filters: is_id.then(|| vec![filter()]),
        ..Default::default()
    };
    let described = found(cloud.call::<api::DescribeDBInstances>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.db_instances?.into_iter().next()))
}

/// Sets what RDS says; what it does not tell (the password) stays as it is known.
pub fn attributes(known: &mut Attributes, cloud: &Cloud, instance: api::DBInstance) {
    let identifier = instance.db_instance_identifier.unwrap_or_default();
    let endpoint = instance.endpoint.unwrap_or_default();
    let version = instance.engine_version.unwrap_or_default();
    let groups = instance.vpc_security_groups.unwrap_or_default().into_iter();
    let groups: Vec<String> = groups.filter_map(|group| group.vpc_security_group_id).collect();
    let options = instance.option_group_memberships.unwrap_or_default().into_iter().next();
    let parameters = instance.db_parameter_groups.unwrap_or_default().into_iter().next();
    known.extend(json!({
        "address": endpoint.address,
        "allocated_storage": instance.allocated_storage,
        "arn": instance.db_instance_arn,
        "auto_minor_version_upgrade": instance.auto_minor_version_upgrade,
        "availability_zone": instance.availability_zone,
        "backup_retention_period": instance.backup_retention_period.unwrap_or(0),
        "backup_target": instance.backup_target.unwrap_or_default(),
        "backup_window": instance.preferred_backup_window,
        "ca_cert_identifier": instance.ca_certificate_identifier,
        "character_set_name": instance.character_set_name.unwrap_or_default(),
        "copy_tags_to_snapshot": instance.copy_tags_to_snapshot.unwrap_or(false),
        "custom_iam_instance_profile": instance.custom_iam_instance_profile.unwrap_or_default(),
        "customer_owned_ip_enabled": instance.customer_owned_ip_enabled.unwrap_or(false),
        "database_insights_mode": instance.database_insights_mode,
        "db_name": instance.db_name.unwrap_or_default(),
        "db_subnet_group_name": instance.db_subnet_group.unwrap_or_default().db_subnet_group_name,
        "dedicated_log_volume": instance.dedicated_log_volume.unwrap_or(false),
        "deletion_protection": instance.deletion_protection.unwrap_or(false),
        "domain": "",
        "domain_auth_secret_arn": "",
        "domain_fqdn": "",
        "domain_iam_role_name": "",
        "domain_ou": "",
        "enabled_cloudwatch_logs_exports": instance.enabled_cloudwatch_logs_exports.unwrap_or_default(),
        "endpoint": endpoint.address.as_ref().zip(endpoint.port).map(|(host, port)| format!("{host}:{port}")),
        "engine": instance.engine,
        "engine_lifecycle_support": instance.engine_lifecycle_support,
        "engine_version": kept_version(known.text("engine_version"), &version),
        "engine_version_actual": version,
        "hosted_zone_id": endpoint.hosted_zone_id,
        "iam_database_authentication_enabled": instance.iam_database_authentication_enabled.unwrap_or(false),
    }));
    known.extend(json!({
        "id": instance.dbi_resource_id,
        "identifier_prefix": prefix_of(&identifier, &with_prefix(known)),
        "identifier": identifier,
        "instance_class": instance.db_instance_class,
        "iops": instance.iops.unwrap_or(0),
        "kms_key_id": instance.kms_key_id.unwrap_or_default(),
        "latest_restorable_time": instance.latest_restorable_time.map(|at| at.iso8601_secs()).unwrap_or_default(),
        "license_model": instance.license_model,
        "listener_endpoint": listener(instance.listener_endpoint),
        "maintenance_window": instance.preferred_maintenance_window,
        "master_user_secret": secret(instance.master_user_secret.as_ref()),
        "max_allocated_storage": instance.max_allocated_storage.unwrap_or(0),
        "monitoring_interval": instance.monitoring_interval.unwrap_or(0),
        "monitoring_role_arn": instance.monitoring_role_arn.unwrap_or_default(),
        "multi_az": instance.multi_az.unwrap_or(false),
        "nchar_character_set_name": instance.nchar_character_set_name.unwrap_or_default(),
        "network_type": instance.network_type,
        "option_group_name": options.and_then(|group| group.option_group_name).unwrap_or_default(),
        "parameter_group_name": parameters.and_then(|group| group.db_parameter_group_name).unwrap_or_default(),
        "performance_insights_enabled": instance.performance_insights_enabled.unwrap_or(false),
        "performance_insights_kms_key_id": instance.performance_insights_kms_key_id.unwrap_or_default(),
        "performance_insights_retention_period": instance.performance_insights_retention_period.unwrap_or(0),
        "port": endpoint.port.or(instance.db_instance_port),
        "publicly_accessible": instance.publicly_accessible.unwrap_or(false),
        "replica_mode": instance.replica_mode.unwrap_or_default(),
        "replicas": instance.read_replica_db_instance_identifiers.unwrap_or_default(),
        "replicate_source_db": instance.read_replica_source_db_instance_identifier.unwrap_or_default(),
        "resource_id": instance.dbi_resource_id,
        "status": instance.db_instance_status,
        "storage_encrypted": instance.storage_encrypted.unwrap_or(false),
        "storage_throughput": instance.storage_throughput.unwrap_or(0),
        "storage_type": instance.storage_type,
        "timezone": instance.timezone.unwrap_or_default(),
        "username": instance.master_username,
        "vpc_security_group_ids": groups,
    }));
    if let Some(secret) = instance.master_user_secret {
        known.set("master_user_secret_kms_key_id", secret.kms_key_id);
    }
    rds::set_tags(known, cloud, instance.tag_list);
}

fn listener(endpoint: Option<api::Endpoint>) -> Vec<serde_json::Value> {
    let of = |api::Endpoint { address, hosted_zone_id, port }| json!({ "address": address, "hosted_zone_id": hosted_zone_id, "port": port });
    endpoint.into_iter().map(of).collect()
}

fn secret(secret: Option<&api::MasterUserSecret>) -> Vec<serde_json::Value> {
    let of = |secret: &api::MasterUserSecret| {
        json!({
            "kms_key_id": secret.kms_key_id,
            "secret_arn": secret.secret_arn,
            "secret_status": secret.secret_status,
        })
    };
    secret.into_iter().map(of).collect()
}

/// What is known of the prefix, under the name that other resources have it by.
fn with_prefix(known: &Attributes) -> Attributes {
    let mut named = Attributes::default();
    named.set("name_prefix", known.get("identifier_prefix").clone());
    named
}

/// `16` stays while RDS has a `16.4`: it is what was asked for.
fn kept_version(known: Option<&str>, actual: &str) -> String {
    let is_part =
        |known: &&str| actual.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
    known.filter(is_part).unwrap_or(actual).to_owned()
}

#[cfg(test)]
mod tests {
    use super::kept_version;

    #[test]
    fn the_version_that_was_asked_for_stays() {
        assert_eq!(kept_version(Some("16"), "16.4"), "16");
        assert_eq!(kept_version(Some("1"), "16.4"), "16.4");
        assert_eq!(kept_version(Some("15"), "16.4"), "16.4");
        assert_eq!(kept_version(None, "16.4"), "16.4");
    }
}
