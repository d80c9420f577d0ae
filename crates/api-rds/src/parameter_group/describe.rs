//! DescribeDBParameterGroups: one, or all that were made.

use neargate_api::model::rds::{ParameterGroup, prefix};
use neargate_api::types::rds::{DBParameterGroupsMessage, DescribeDBParameterGroupsMessage};
use neargate_api::{AwsError, Ctx};

use crate::listing::cut;

pub async fn call(
    ctx: Ctx,
    input: DescribeDBParameterGroupsMessage,
) -> Result<DBParameterGroupsMessage, AwsError> {
    let snapshot = ctx.snapshot();
    let groups = match &input.db_parameter_group_name {
        Some(name) => vec![super::find(&ctx, &snapshot, name)?],
        None => snapshot
            .scan::<ParameterGroup>(&prefix(&ctx.region))
            .map(|group| ParameterGroup::clone(&group))
            .collect(),
    };
    let (groups, marker) =
        cut(groups, |group| group.name.clone(), input.marker.as_deref(), input.max_records)?;
    let shapes = groups.iter().map(super::shape).collect();
    Ok(DBParameterGroupsMessage { db_parameter_groups: Some(shapes), marker })
}
