//! What a create has made of which nobody heard, because the run was killed. Most objects have a name
//! that nothing else of their kind can have, given or made of the mark: they are asked for by it. The
//! others are made with a tag, which is taken off once the object is in the state.

mod by_mark;

use neargate_api_types::{elbv2, rds, secretsmanager};
use neargate_aws_client::pages;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Failure, found};
use crate::resources::cloudwatch_event_rule::{bus_of, id_of};
use crate::resources::{
    cloudwatch_event_target, db_instance, kms_alias, lb, lb_target_group, route, s3_bucket,
    secretsmanager_secret_version, security_group_sources, sns_topic,
};
use crate::tags::MARK;

/// Types whose objects can be told from others by no name.
const MARKED: [&str; 15] = [
    "aws_acm_certificate",
    "aws_ecs_task_definition",
    "aws_eip",
    "aws_flow_log",
    "aws_internet_gateway",
    "aws_kms_key",
    "aws_lb_listener_rule",
    "aws_nat_gateway",
    "aws_route_table",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
];

pub fn is_marked(of_type: &str) -> bool {
    MARKED.contains(&of_type)
}

/// With the mark among its tags.
pub fn marked(attributes: &Attributes, mark: &str) -> Attributes {
    let mut tags = attributes.map("tags_all");
    tags.insert(MARK.to_owned(), mark.to_owned());
    let mut marked = attributes.clone();
    marked.set("tags_all", serde_json::json!(tags));
    marked
}

/// What is known of an object that may have been made: enough to read it.
///
/// # Errors
/// The service's, other than that it is not there.
pub async fn known(
    cloud: &Cloud,
    of_type: &str,
    planned: &Attributes,
    mark: &str,
) -> Result<Option<Attributes>, Failure> {
    let id = match of_type {
        "aws_ecs_task_definition" => return by_mark::definition(cloud, planned, mark).await,
        "aws_acm_certificate" => by_mark::certificate(cloud, mark).await?,
        "aws_kms_key" => by_mark::key(cloud, mark).await?,
        "aws_lb_listener_rule" => by_mark::rule(cloud, planned, mark).await?,
        of_type if is_marked(of_type) => by_mark::of_ec2(cloud, mark).await?,
        of_type => by_name(cloud, of_type, planned).await?,
    };
    Ok(id.map(|id| {
        let mut known = planned.clone();
        known.set("id", id);
        known
    }))
}

/// The id, which is the name, is made of the name, or is found by it. Nothing where the call that
/// makes it can be made again.
async fn by_name(
    cloud: &Cloud,
    of_type: &str,
    planned: &Attributes,
) -> Result<Option<String>, Failure> {
    let name = cloud.name_of(planned);
    Ok(match of_type {
        "aws_cloudwatch_log_group"
        | "aws_db_parameter_group"
        | "aws_db_subnet_group"
        | "aws_ecr_repository"
        | "aws_iam_role"
        | "aws_ssm_parameter" => Some(name),
        "aws_cloudtrail" => Some(cloud.arn("cloudtrail", &format!("trail/{name}"))),
        "aws_cloudwatch_event_rule" => Some(id_of(&bus_of(planned), &name)),
        "aws_cloudwatch_event_target" => Some(cloudwatch_event_target::new_id(cloud, planned)),
        "aws_codedeploy_app" => Some(format!(":{name}")),
        "aws_db_instance" => instance(cloud, db_instance::identifier(cloud, planned)).await?,
        "aws_ecs_service" => Some(service_arn(cloud, planned, &name)),
        "aws_iam_policy" => {
            let path = planned.text("path").unwrap_or("/");
            let (partition, account) = (cloud.partition(), &cloud.account);
            Some(format!("arn:{partition}:iam::{account}:policy{path}{name}"))
        }
        "aws_iam_role_policy" => Some(format!("{}:{name}", planned.required("role"))),
        "aws_kms_alias" => Some(kms_alias::name(cloud, planned)),
        "aws_lb" => balancer(cloud, lb::name(cloud, planned)).await?,
        "aws_lb_listener" => listener(cloud, planned).await?,
        "aws_lb_target_group" => group(cloud, lb_target_group::name(cloud, planned)).await?,
        "aws_route" => Some(route::id(planned)),
        // It is read by what it associates, and has its id from there.
        "aws_route_table_association" => Some(String::new()),
        "aws_s3_bucket" => Some(s3_bucket::name(cloud, planned)),
        "aws_security_group_rule" => Some(security_group_sources::id(planned)),
        "aws_secretsmanager_secret" => secret(cloud, name).await?,
        "aws_secretsmanager_secret_version" => {
            Some(secretsmanager_secret_version::new_id(cloud, planned))
        }
        "aws_sns_topic" => Some(cloud.arn("sns", &sns_topic::name(cloud, planned))),
        _ => None,
    })
}

fn service_arn(cloud: &Cloud, planned: &Attributes, name: &str) -> String {
    let cluster = planned.string("cluster").unwrap_or_else(|| "default".to_owned());
    let cluster = cluster.rsplit('/').next().unwrap_or_default();
    cloud.arn("ecs", &format!("service/{cluster}/{name}"))
}

async fn instance(cloud: &Cloud, identifier: String) -> Result<Option<String>, Failure> {
    let input = rds::DescribeDBInstancesMessage {
        db_instance_identifier: Some(identifier),
        ..Default::default()
    };
    let described = cloud.call::<rds::DescribeDBInstances>(&input).await;
    let described = found(described, &["DBInstanceNotFound", "DBInstanceNotFoundFault"])?;
    let instances = described.and_then(|output| output.db_instances).unwrap_or_default();
    Ok(instances.into_iter().find_map(|instance| instance.dbi_resource_id))
}

async fn balancer(cloud: &Cloud, name: String) -> Result<Option<String>, Failure> {
    let input = elbv2::DescribeLoadBalancersInput { names: Some(vec![name]), ..Default::default() };
    let described = cloud.call::<elbv2::DescribeLoadBalancers>(&input).await;
    let described = found(described, &["LoadBalancerNotFound"])?;
    let balancers = described.and_then(|output| output.load_balancers).unwrap_or_default();
    Ok(balancers.into_iter().find_map(|balancer| balancer.load_balancer_arn))
}

async fn group(cloud: &Cloud, name: String) -> Result<Option<String>, Failure> {
    let input = elbv2::DescribeTargetGroupsInput { names: Some(vec![name]), ..Default::default() };
    let described = cloud.call::<elbv2::DescribeTargetGroups>(&input).await;
    let described = found(described, &["TargetGroupNotFound"])?;
    let groups = described.and_then(|output| output.target_groups).unwrap_or_default();
    Ok(groups.into_iter().find_map(|group| group.target_group_arn))
}

/// A load balancer has one on a port.
async fn listener(cloud: &Cloud, planned: &Attributes) -> Result<Option<String>, Failure> {
    let listeners = pages(|marker| {
        let input = elbv2::DescribeListenersInput {
            load_balancer_arn: planned.string("load_balancer_arn"),
            marker,
            ..Default::default()
        };
        async move {
            let page = cloud.call::<elbv2::DescribeListeners>(&input).await?;
            Ok((page.listeners.unwrap_or_default(), page.next_marker))
        }
    });
    let listeners = found(listeners.await, &["LoadBalancerNotFound"])?.unwrap_or_default();
    let port = planned.number("port");
    let listener = listeners.into_iter().find(|listener| listener.port == port);
    Ok(listener.and_then(|listener| listener.listener_arn))
}

async fn secret(cloud: &Cloud, secret_id: String) -> Result<Option<String>, Failure> {
    let input = secretsmanager::DescribeSecretRequest { secret_id };
    let described = cloud.call::<secretsmanager::DescribeSecret>(&input).await;
    let described = found(described, &["ResourceNotFoundException"])?;
    Ok(described.filter(|secret| secret.deleted_date.is_none()).and_then(|secret| secret.arn))
}
