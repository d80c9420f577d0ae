//! `aws_flow_log`: of a VPC, a subnet, an interface or a transit gateway. Nothing of it
//! but its tags can change.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::tags;

pub struct FlowLog;

const MISSING: [&str; 1] = ["InvalidFlowLogId.NotFound"];

/// What it may be of: the attribute, how its ids begin, EC2's name.
const SUBJECTS: [(&str, &str, &str); 5] = [
    ("eni_id", "eni-", "NetworkInterface"),
    ("subnet_id", "subnet-", "Subnet"),
    ("transit_gateway_attachment_id", "tgw-attach-", "TransitGatewayAttachment"),
    ("transit_gateway_id", "tgw-", "TransitGateway"),
    ("vpc_id", "vpc-", "VPC"),
];

#[async_trait]
impl Resource for FlowLog {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "deliver_cross_account_role",
                "destination_options",
                "eni_id",
                "iam_role_arn",
                "log_destination",
                "log_destination_type",
                "log_format",
                "max_aggregation_interval",
                "subnet_id",
                "traffic_type",
                "transit_gateway_attachment_id",
                "transit_gateway_id",
                "vpc_id",
            ],
            defaults: &[
                ("log_destination_type", Fallback::Text("cloud-watch-logs")),
                ("max_aggregation_interval", Fallback::Number(600)),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let subject =
            SUBJECTS.iter().find_map(|(name, _, kind)| Some((planned.string(name)?, *kind)));
        let Some((id, kind)) = subject else {
            return Err(Failure::told(
                "A flow log needs vpc_id, subnet_id, eni_id or a transit gateway's id",
            ));
        };
        let options =
            planned.block("destination_options").map(|block| ec2::DestinationOptionsRequest {
                file_format: block.string("file_format"),
                hive_compatible_partitions: block.bool("hive_compatible_partitions"),
                per_hour_partition: block.bool("per_hour_partition"),
            });
        let input = ec2::CreateFlowLogsRequest {
            client_token: Some(cloud.client.once()),
            deliver_cross_account_role: planned.string("deliver_cross_account_role"),
            deliver_logs_permission_arn: planned.string("iam_role_arn"),
            destination_options: options,
            log_destination: planned.string("log_destination"),
            log_destination_type: planned.string("log_destination_type"),
            log_format: planned.string("log_format"),
            max_aggregation_interval: planned.number("max_aggregation_interval"),
            resource_ids: vec![id],
            resource_type: kind.to_owned(),
            tag_specifications: tags::specifications("vpc-flow-log", planned),
            traffic_type: planned.string("traffic_type"),
            ..Default::default()
        };
        let output = cloud.call::<ec2::CreateFlowLogs>(&input).await?;
        refused(output.unsuccessful)?;
        Ok(output.flow_log_ids.unwrap_or_default().into_iter().next().unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let input = ec2::DescribeFlowLogsRequest {
            flow_log_ids: Some(vec![id.clone()]),
            ..Default::default()
        };
        let described = found(cloud.call::<ec2::DescribeFlowLogs>(&input).await, &MISSING)?;
        let log = described.and_then(|output| output.flow_logs?.into_iter().next());
        let Some(log) = log else { return Ok(None) };
        let subject = log.resource_id.unwrap_or_default();
        let kind = SUBJECTS.iter().find(|(_, start, _)| subject.starts_with(start));
        for (name, ..) in SUBJECTS {
            let is_this = kind.is_some_and(|(this, ..)| *this == name);
            known.set(name, if is_this { json!(subject) } else { Json::Null });
        }
        let options = log.destination_options.map(|options| {
            json!({
                "file_format": options.file_format.unwrap_or_default(),
                "hive_compatible_partitions": options.hive_compatible_partitions.unwrap_or(false),
                "per_hour_partition": options.per_hour_partition.unwrap_or(false),
            })
        });
        known.extend(json!({
            "arn": cloud.arn("ec2", &format!("vpc-flow-log/{id}")),
            "deliver_cross_account_role": log.deliver_cross_account_role.unwrap_or_default(),
            "destination_options": options.into_iter().collect::<Vec<_>>(),
            "iam_role_arn": log.deliver_logs_permission_arn.unwrap_or_default(),
            "log_destination": log.log_destination.unwrap_or_default(),
            "log_destination_type": log.log_destination_type,
            "log_format": log.log_format,
            "log_group_name": log.log_group_name.unwrap_or_default(),
            "max_aggregation_interval": log.max_aggregation_interval,
            "traffic_type": log.traffic_type.unwrap_or_default(),
        }));
        tags::set(&mut known, cloud, tags::of_ec2(log.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        tags::update_ec2(cloud, &planned.id(), prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input =
            ec2::DeleteFlowLogsRequest { flow_log_ids: vec![prior.id()], ..Default::default() };
        match found(cloud.call::<ec2::DeleteFlowLogs>(&input).await, &MISSING)? {
            Some(output) => refused(output.unsuccessful),
            None => Ok(()),
        }
    }
}

/// EC2 answers with a success also where it has done nothing.
fn refused(unsuccessful: Option<Vec<ec2::UnsuccessfulItem>>) -> Result<(), Failure> {
    let first = unsuccessful.unwrap_or_default().into_iter().next();
    let Some(error) = first.and_then(|item| item.error) else { return Ok(()) };
    let (code, message) = (error.code.unwrap_or_default(), error.message.unwrap_or_default());
    if MISSING.contains(&code.as_str()) {
        Ok(())
    } else {
        Err(Failure::told(format!("{code}: {message}")))
    }
}
