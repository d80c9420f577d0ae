//! CreateFlowLogs: one flow log for each resource that is there; those that are
//! not are told in the answer.

use neargate_api::model::ec2::{FlowLog, NetworkInterface, Subnet, Vpc};
use neargate_api::types::ec2::{
    self, CreateFlowLogsRequest, CreateFlowLogsResult, DestinationOptionsResponse,
    UnsuccessfulItem, UnsuccessfulItemError,
};
use neargate_api::{AwsError, Ctx, Snapshot, Stored};

use crate::error::{self, dry_run};
use crate::resource::{Resource, all, find};
use crate::tag;

/// The fields of a record, where none are given.
const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} \
    ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

pub async fn call(
    ctx: Ctx,
    input: CreateFlowLogsRequest,
) -> Result<CreateFlowLogsResult, AwsError> {
    dry_run(input.dry_run)?;
    if input.tag_field_specifications.as_ref().is_some_and(|list| !list.is_empty()) {
        return Err(error::unsupported("TagFieldSpecification", "leave it out."));
    }
    let settings = settings(&input)?;
    let tags = tag::for_creation(input.tag_specifications, FlowLog::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let mut made = Vec::new();
        let mut unsuccessful = Vec::new();
        for resource_id in input.resource_ids {
            let refused = check(tx, &at.region, &input.resource_type, &resource_id, &settings);
            if let Err(refused) = refused {
                unsuccessful.push(UnsuccessfulItem {
                    error: Some(UnsuccessfulItemError {
                        code: Some(refused.code),
                        message: Some(refused.message),
                    }),
                    resource_id: Some(resource_id),
                });
                continue;
            }
            let flow_log_id = format!("fl-{}", at.rng().hex(17));
            tx.put(FlowLog {
                region: at.region.clone(),
                flow_log_id: flow_log_id.clone(),
                resource_id,
                created_at: at.now,
                settings: Stored(settings.clone()),
            });
            tag::store(tx, &at.region, &flow_log_id, FlowLog::TYPE, tags.clone());
            made.push(flow_log_id);
        }
        Ok(CreateFlowLogsResult {
            client_token: input.client_token,
            flow_log_ids: Some(made),
            unsuccessful: Some(unsuccessful),
        })
    })
    .await
}

/// The settings as they are shown back, checked.
fn settings(input: &CreateFlowLogsRequest) -> Result<ec2::FlowLog, AwsError> {
    let kind = input.log_destination_type.clone().unwrap_or_else(|| "cloud-watch-logs".into());
    let to_logs = kind == "cloud-watch-logs";
    if to_logs && input.log_group_name.is_none() && input.log_destination.is_none() {
        return Err(error::missing("LogGroupName"));
    }
    if to_logs && input.deliver_logs_permission_arn.is_none() {
        return Err(error::missing("DeliverLogsPermissionArn"));
    }
    if !to_logs && input.log_destination.is_none() {
        return Err(error::missing("LogDestination"));
    }
    let interval = input.max_aggregation_interval.unwrap_or(600);
    if interval != 60 && interval != 600 {
        return Err(error::invalid_value(
            &interval.to_string(),
            "MaxAggregationInterval",
            "It is 60 or 600 seconds.",
        ));
    }
    let options = input.destination_options.as_ref().map(|options| DestinationOptionsResponse {
        file_format: options.file_format.clone(),
        hive_compatible_partitions: options.hive_compatible_partitions,
        per_hour_partition: options.per_hour_partition,
    });
    Ok(ec2::FlowLog {
        deliver_logs_permission_arn: input.deliver_logs_permission_arn.clone(),
        deliver_cross_account_role: input.deliver_cross_account_role.clone(),
        deliver_logs_status: Some("SUCCESS".into()),
        flow_log_status: Some("ACTIVE".into()),
        log_group_name: log_group_name(input),
        log_destination: input.log_destination.clone(),
        log_destination_type: Some(kind),
        log_format: Some(input.log_format.clone().unwrap_or_else(|| DEFAULT_FORMAT.into())),
        traffic_type: Some(input.traffic_type.clone().unwrap_or_else(|| "ALL".into())),
        max_aggregation_interval: Some(interval),
        destination_options: options,
        ..ec2::FlowLog::default()
    })
}

/// The group of a log destination such as `arn:aws:logs:…:log-group:/vpc/x:*`.
fn log_group_name(input: &CreateFlowLogsRequest) -> Option<String> {
    let of_arn = || {
        let (_, name) = input.log_destination.as_deref()?.split_once(":log-group:")?;
        Some(name.trim_end_matches(":*").to_owned())
    };
    input.log_group_name.clone().or_else(of_arn)
}

/// The resource is there, and has no flow log of the same settings.
fn check(
    snapshot: &Snapshot,
    region: &str,
    kind: &str,
    id: &str,
    settings: &ec2::FlowLog,
) -> Result<(), AwsError> {
    match kind {
        "VPC" => find::<Vpc>(snapshot, region, id).map(drop)?,
        "Subnet" => find::<Subnet>(snapshot, region, id).map(drop)?,
        "NetworkInterface" => find::<NetworkInterface>(snapshot, region, id).map(drop)?,
        other => {
            return Err(error::unsupported("ResourceType", &format!("there is no {other} here.")));
        }
    }
    let same = all::<FlowLog>(snapshot, region).any(|log| {
        log.resource_id == id
            && log.settings.log_destination == settings.log_destination
            && log.settings.log_group_name == settings.log_group_name
            && log.settings.traffic_type == settings.traffic_type
    });
    match same {
        true => Err(error::of(
            "FlowLogAlreadyExists",
            "Error. There is an existing Flow Log with the same configuration and log destination.",
        )),
        false => Ok(()),
    }
}
