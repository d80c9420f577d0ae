//! DescribeFlowLogs.

use neargate_api::model::ec2::FlowLog;
use neargate_api::types::ec2::{self, DescribeFlowLogsRequest, DescribeFlowLogsResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::FlowLog>] = &[
    ("deliver-log-status", |log| one(&log.deliver_logs_status)),
    ("log-destination-type", |log| one(&log.log_destination_type)),
    ("flow-log-id", |log| one(&log.flow_log_id)),
    ("log-group-name", |log| one(&log.log_group_name)),
    ("resource-id", |log| one(&log.resource_id)),
    ("traffic-type", |log| one(&log.traffic_type)),
];

const LISTING: Listing<ec2::FlowLog> = Listing {
    fields: FIELDS,
    id: |log| &log.flow_log_id,
    tags: |log| &log.tags,
    not_found: FlowLog::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeFlowLogsRequest,
) -> Result<DescribeFlowLogsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<FlowLog>(&snapshot, &ctx.region).map(|log| super::shape(&snapshot, &log)),
        Asked {
            ids: input.flow_log_ids,
            filters: input.filter,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeFlowLogsResult { flow_logs: Some(page.items), next_token: page.next_token })
}
