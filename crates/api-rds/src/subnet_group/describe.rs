//! DescribeDBSubnetGroups: one, or all.

use neargate_api::model::rds::{SubnetGroup, prefix};
use neargate_api::types::rds::{DBSubnetGroupMessage, DescribeDBSubnetGroupsMessage};
use neargate_api::{AwsError, Ctx};

use crate::listing::cut;

pub async fn call(
    ctx: Ctx,
    input: DescribeDBSubnetGroupsMessage,
) -> Result<DBSubnetGroupMessage, AwsError> {
    let snapshot = ctx.snapshot();
    let groups = match &input.db_subnet_group_name {
        Some(name) => vec![super::find(&snapshot, &ctx.region, name)?],
        None => snapshot.scan::<SubnetGroup>(&prefix(&ctx.region)).collect(),
    };
    let (groups, marker) =
        cut(groups, |group| group.name.clone(), input.marker.as_deref(), input.max_records)?;
    let shapes = groups.iter().map(|group| super::shape(&snapshot, group)).collect();
    Ok(DBSubnetGroupMessage { db_subnet_groups: Some(shapes), marker })
}
