//! DescribeLogGroups.

use neargate_api::model::logs::{LogGroup, MetricFilter};
use neargate_api::types::logs::{self, DescribeLogGroupsRequest, DescribeLogGroupsResponse, error};
use neargate_api::{AwsError, Ctx, Snapshot};
use neargate_loglines::LogLines;

use crate::{group, pages};

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse, AwsError> {
    check(&input)?;
    let snapshot = ctx.snapshot();
    let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
    let asked = snapshot
        .scan::<LogGroup>(&LogGroup::key_of(&ctx.region, prefix))
        .filter(|group| is_asked(group, &input));
    let page =
        pages::of(asked, |group| group.name.clone(), input.next_token.as_deref(), input.limit)?;
    let shown = page.items.iter().map(|group| match input.log_group_name_pattern {
        Some(_) => shown_briefly(group),
        None => shown(&snapshot, &lines, group),
    });
    Ok(DescribeLogGroupsResponse { log_groups: Some(shown.collect()), next_token: page.next_token })
}

fn check(input: &DescribeLogGroupsRequest) -> Result<(), AwsError> {
    if input.log_group_name_pattern.is_some() && input.log_group_name_prefix.is_some() {
        return Err(error::invalid_parameter_exception(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let filtered = input.log_group_name_pattern.is_some()
        || input.log_group_name_prefix.is_some()
        || input.log_group_class.is_some();
    if input.log_group_identifiers.is_some() && filtered {
        return Err(error::invalid_parameter_exception(
            "logGroupIdentifiers can be combined with includeLinkedAccounts only.",
        ));
    }
    Ok(())
}

fn is_asked(group: &LogGroup, input: &DescribeLogGroupsRequest) -> bool {
    let pattern = input.log_group_name_pattern.as_deref().unwrap_or_default();
    let identifiers = input.log_group_identifiers.as_deref();
    group.name.contains(pattern)
        && input.log_group_class.as_ref().is_none_or(|class| *class == group.class)
        && identifiers.is_none_or(|ids| ids.iter().any(|id| group::name_in(id) == group.name))
}

/// What a search by a pattern tells.
fn shown_briefly(group: &LogGroup) -> logs::LogGroup {
    logs::LogGroup {
        arn: Some(format!("{}:*", group.arn)),
        creation_time: Some(group.created_ms),
        log_group_name: Some(group.name.clone()),
        ..Default::default()
    }
}

fn shown(snapshot: &Snapshot, lines: &LogLines, group: &LogGroup) -> logs::LogGroup {
    let filters = snapshot.scan::<MetricFilter>(&group.children()).count();
    logs::LogGroup {
        kms_key_id: group.kms_key_id.clone(),
        log_group_arn: Some(group.arn.clone()),
        log_group_class: Some(group.class.clone()),
        metric_filter_count: Some(filters as i32),
        retention_in_days: group.retention_in_days,
        stored_bytes: Some(lines.group_bytes(&group.lines_key()) as i64),
        deletion_protection_enabled: Some(group.deletion_protection),
        ..shown_briefly(group)
    }
}
