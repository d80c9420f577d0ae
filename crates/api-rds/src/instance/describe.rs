//! DescribeDBInstances: one, by name or ARN, or all.

use neargate_api::model::rds::{DbInstance, prefix};
use neargate_api::types::rds::{DBInstanceMessage, DescribeDBInstancesMessage, Filter};
use neargate_api::{AwsError, Ctx};

use crate::error;
use crate::listing::cut;

pub async fn call(
    ctx: Ctx,
    input: DescribeDBInstancesMessage,
) -> Result<DBInstanceMessage, AwsError> {
    let snapshot = ctx.snapshot();
    let mut found = match &input.db_instance_identifier {
        Some(name) => {
            let name = name.rsplit(':').next().unwrap_or(name);
            vec![super::find(&snapshot, &ctx.region, name)?]
        }
        None => snapshot.scan::<DbInstance>(&prefix(&ctx.region)).collect(),
    };
    for filter in input.filters.unwrap_or_default() {
        check(&filter)?;
        found.retain(|instance| matches(instance, &filter));
    }
    let (found, marker) =
        cut(found, |one| one.identifier.clone(), input.marker.as_deref(), input.max_records)?;
    let shapes = found.iter().map(|instance| super::shape(&ctx, &snapshot, instance)).collect();
    Ok(DBInstanceMessage { db_instances: Some(shapes), marker })
}

fn check(filter: &Filter) -> Result<(), AwsError> {
    let known = ["db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"];
    match known.contains(&filter.name.as_str()) {
        true => Ok(()),
        false => Err(error::invalid_value(format!("Unrecognized filter name: {}", filter.name))),
    }
}

fn matches(instance: &DbInstance, filter: &Filter) -> bool {
    filter.values.iter().any(|value| match filter.name.as_str() {
        "db-instance-id" => {
            value.eq_ignore_ascii_case(&instance.identifier) || *value == instance.arn
        }
        "dbi-resource-id" => *value == instance.resource_id,
        "engine" => value == "postgres",
        _ => false,
    })
}
