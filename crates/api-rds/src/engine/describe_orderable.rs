//! DescribeOrderableDBInstanceOptions: which classes take which storage.

use neargate_api::model::ec2::zones;
use neargate_api::model::rds::{Version, memory_mib, newest};
use neargate_api::types::rds::{
    AvailabilityZone, DescribeOrderableDBInstanceOptionsMessage, OrderableDBInstanceOption,
    OrderableDBInstanceOptionsMessage,
};
use neargate_api::{AwsError, Ctx};

use super::STORAGE_TYPES;
use crate::listing::cut;

/// What people order; any other class that exists is shown when it is named.
const CLASSES: [&str; 14] = [
    "db.m6g.large",
    "db.m6g.xlarge",
    "db.m7g.large",
    "db.m7g.xlarge",
    "db.r6g.large",
    "db.r6g.xlarge",
    "db.r7g.large",
    "db.t3.large",
    "db.t3.medium",
    "db.t3.micro",
    "db.t3.small",
    "db.t4g.medium",
    "db.t4g.micro",
    "db.t4g.small",
];

pub async fn call(
    ctx: Ctx,
    input: DescribeOrderableDBInstanceOptionsMessage,
) -> Result<OrderableDBInstanceOptionsMessage, AwsError> {
    super::check(&input.engine)?;
    let snapshot = ctx.snapshot();
    let version = match &input.engine_version {
        Some(asked) => Some(super::version(&snapshot, Some(asked))?),
        None => newest(&snapshot, None),
    };
    let classes: Vec<&str> = match input.db_instance_class.as_deref() {
        Some(class) => memory_mib(class).map(|_| class).into_iter().collect(),
        None => CLASSES.to_vec(),
    };
    let license = input.license_model.as_deref().unwrap_or("postgresql-license");
    let mut options = Vec::new();
    for version in version.into_iter().filter(|_| license == "postgresql-license") {
        for class in &classes {
            for storage in STORAGE_TYPES {
                options.push(option(&ctx.region, version, class, storage));
            }
        }
    }
    let place = |option: &OrderableDBInstanceOption| {
        let class = option.db_instance_class.clone().unwrap_or_default();
        format!("{class}/{}", option.storage_type.clone().unwrap_or_default())
    };
    options.sort_by_key(place);
    let (options, marker) = cut(options, place, input.marker.as_deref(), input.max_records)?;
    Ok(OrderableDBInstanceOptionsMessage { orderable_db_instance_options: Some(options), marker })
}

fn option(region: &str, version: Version, class: &str, storage: &str) -> OrderableDBInstanceOption {
    let provisioned = storage.starts_with("io") || storage == "gp3";
    let zones = zones(region).into_iter().map(|zone| AvailabilityZone { name: Some(zone.name) });
    OrderableDBInstanceOption {
        engine: Some("postgres".into()),
        engine_version: Some(version.to_string()),
        db_instance_class: Some(class.into()),
        license_model: Some("postgresql-license".into()),
        availability_zone_group: Some(region.into()),
        availability_zones: Some(zones.collect()),
        storage_type: Some(storage.into()),
        min_storage_size: Some(crate::instance::least_storage(storage)),
        max_storage_size: Some(crate::instance::most_storage(storage)),
        multi_az_capable: Some(true),
        read_replica_capable: Some(false),
        vpc: Some(true),
        outpost_capable: Some(false),
        supports_storage_encryption: Some(true),
        supports_iops: Some(provisioned),
        supports_storage_throughput: Some(storage == "gp3"),
        supports_storage_autoscaling: Some(true),
        supports_enhanced_monitoring: Some(false),
        supports_iam_database_authentication: Some(false),
        supports_performance_insights: Some(false),
        supports_kerberos_authentication: Some(false),
        supports_clusters: Some(false),
        supported_engine_modes: Some(vec!["provisioned".into()]),
        supported_network_types: Some(vec!["IPV4".into()]),
        ..OrderableDBInstanceOption::default()
    }
}
