//! DescribeDBSnapshots: one, those of an instance, or all.

use neargate_api::model::rds::{DbSnapshot, SnapshotStatus, prefix};
use neargate_api::types::rds::{DBSnapshotMessage, DescribeDBSnapshotsMessage};
use neargate_api::{AwsError, Ctx};

use crate::error;
use crate::listing::cut;

pub async fn call(
    ctx: Ctx,
    input: DescribeDBSnapshotsMessage,
) -> Result<DBSnapshotMessage, AwsError> {
    let snapshot = ctx.snapshot();
    let mut found = match &input.db_snapshot_identifier {
        Some(name) => vec![super::find(&snapshot, &ctx.region, name)?],
        None => snapshot.scan::<DbSnapshot>(&prefix(&ctx.region)).collect(),
    };
    found.retain(|one| one.status != SnapshotStatus::Deleted);
    let same = |wanted: &Option<String>, is: &str| {
        wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(is))
    };
    found.retain(|one| {
        same(&input.db_instance_identifier, &one.instance_identifier)
            && same(&input.dbi_resource_id, &one.resource_id)
            && same(&input.snapshot_type, one.kind.as_str())
    });
    for filter in input.filters.unwrap_or_default() {
        let value = |one: &DbSnapshot| match filter.name.as_str() {
            "db-instance-id" => Some(one.instance_identifier.clone()),
            "db-snapshot-id" => Some(one.identifier.clone()),
            "dbi-resource-id" => Some(one.resource_id.clone()),
            "snapshot-type" => Some(one.kind.as_str().to_owned()),
            "engine" => Some("postgres".to_owned()),
            _ => None,
        };
        if !["db-instance-id", "db-snapshot-id", "dbi-resource-id", "snapshot-type", "engine"]
            .contains(&filter.name.as_str())
        {
            return Err(error::invalid_value(format!("Unrecognized filter name: {}", filter.name)));
        }
        found.retain(|one| value(one).is_some_and(|value| filter.values.contains(&value)));
    }
    let (found, marker) =
        cut(found, |one| one.identifier.clone(), input.marker.as_deref(), input.max_records)?;
    let shapes = found.iter().map(|one| super::shape(one)).collect();
    Ok(DBSnapshotMessage { db_snapshots: Some(shapes), marker })
}
