//! What a create has made of which nobody heard, because the run was killed. Most objects have a name
//! that nothing else of their kind can have: they are asked for by it. The others are made with a tag,
//! which is taken off once the object is in the state. A version of a secret has the mark in its id.

use neargate_api_types::{ec2, ecs, elbv2, rds, secretsmanager};
use neargate_aws_client::pages;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Failure, found};
use crate::resources::{filters, route, secretsmanager_secret_version, security_group_sources};
use crate::tags::MARK;

/// Types whose objects can be told from others by no name.
const MARKED: [&str; 13] = [
    "aws_ecs_task_definition",
    "aws_eip",
    "aws_flow_log",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_route_table",
    "aws_secretsmanager_secret_version",
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
        "aws_ecs_task_definition" => return definition(cloud, planned, mark).await,
        "aws_secretsmanager_secret_version" => Some(secretsmanager_secret_version::id(
            planned,
            &secretsmanager_secret_version::token(mark),
        )),
        of_type if is_marked(of_type) => by_mark(cloud, mark).await?,
        of_type => by_name(cloud, of_type, planned).await?,
    };
    Ok(id.map(|id| {
        let mut known = planned.clone();
        known.set("id", id);
        known
    }))
}

async fn by_mark(cloud: &Cloud, mark: &str) -> Result<Option<String>, Failure> {
    let filters = filters([("key", MARK), ("value", mark)]);
    let input = ec2::DescribeTagsRequest { filters, ..Default::default() };
    let tags = cloud.call::<ec2::DescribeTags>(&input).await?.tags.unwrap_or_default();
    Ok(tags.into_iter().find_map(|tag| tag.resource_id))
}

/// The newest of the family, if it is the one.
async fn definition(
    cloud: &Cloud,
    planned: &Attributes,
    mark: &str,
) -> Result<Option<Attributes>, Failure> {
    let family = planned.required("family");
    let input = ecs::DescribeTaskDefinitionRequest {
        include: Some(vec!["TAGS".to_owned()]),
        task_definition: family.clone(),
    };
    let described = cloud.call::<ecs::DescribeTaskDefinition>(&input).await;
    let Some(described) = found(described, &["ClientException"])? else { return Ok(None) };
    let tags = described.tags.unwrap_or_default();
    let is_it =
        |tag: &ecs::Tag| tag.key.as_deref() == Some(MARK) && tag.value.as_deref() == Some(mark);
    if !tags.iter().any(is_it) {
        return Ok(None);
    }
    let arn = described.task_definition.unwrap_or_default().task_definition_arn;
    let mut known = planned.clone();
    known.set("id", family);
    known.set("arn", arn);
    Ok(Some(known))
}

/// The id, which is the name, is made of the name, or is found by it. Nothing where the call that
/// makes it can be made again, or where the name was the cloud's to make.
async fn by_name(
    cloud: &Cloud,
    of_type: &str,
    planned: &Attributes,
) -> Result<Option<String>, Failure> {
    let named = planned.string("name");
    Ok(match of_type {
        "aws_cloudwatch_log_group"
        | "aws_db_parameter_group"
        | "aws_db_subnet_group"
        | "aws_ecr_repository"
        | "aws_iam_role"
        | "aws_kms_alias"
        | "aws_ssm_parameter" => named,
        "aws_s3_bucket" => planned.string("bucket"),
        "aws_cloudtrail" => named.map(|name| cloud.arn("cloudtrail", &format!("trail/{name}"))),
        "aws_codedeploy_app" => named.map(|name| format!(":{name}")),
        "aws_db_instance" => instance(cloud, planned).await?,
        "aws_ecs_service" => named.map(|name| service_arn(cloud, planned, &name)),
        "aws_iam_policy" => named.map(|name| {
            let path = planned.text("path").unwrap_or("/");
            format!("arn:{}:iam::{}:policy{path}{name}", cloud.partition(), cloud.account)
        }),
        "aws_lb" => balancer(cloud, named).await?,
        "aws_lb_listener" => listener(cloud, planned).await?,
        "aws_lb_listener_rule" => rule(cloud, planned).await?,
        "aws_lb_target_group" => group(cloud, named).await?,
        "aws_route" => Some(route::id(planned)),
        // It is read by what it associates, and has its id from there.
        "aws_route_table_association" => Some(String::new()),
        "aws_security_group_rule" => Some(security_group_sources::id(planned)),
        "aws_secretsmanager_secret" => secret(cloud, named).await?,
        "aws_sns_topic" => named.map(|name| cloud.arn("sns", &name)),
        _ => None,
    })
}

fn service_arn(cloud: &Cloud, planned: &Attributes, name: &str) -> String {
    let cluster = planned.string("cluster").unwrap_or_else(|| "default".to_owned());
    let cluster = cluster.rsplit('/').next().unwrap_or_default();
    cloud.arn("ecs", &format!("service/{cluster}/{name}"))
}

async fn instance(cloud: &Cloud, planned: &Attributes) -> Result<Option<String>, Failure> {
    let Some(identifier) = planned.string("identifier") else { return Ok(None) };
    let input = rds::DescribeDBInstancesMessage {
        db_instance_identifier: Some(identifier),
        ..Default::default()
    };
    let described = cloud.call::<rds::DescribeDBInstances>(&input).await;
    let described = found(described, &["DBInstanceNotFound", "DBInstanceNotFoundFault"])?;
    let instances = described.and_then(|output| output.db_instances).unwrap_or_default();
    Ok(instances.into_iter().find_map(|instance| instance.dbi_resource_id))
}

async fn balancer(cloud: &Cloud, name: Option<String>) -> Result<Option<String>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let input = elbv2::DescribeLoadBalancersInput { names: Some(vec![name]), ..Default::default() };
    let described = cloud.call::<elbv2::DescribeLoadBalancers>(&input).await;
    let described = found(described, &["LoadBalancerNotFound"])?;
    let balancers = described.and_then(|output| output.load_balancers).unwrap_or_default();
    Ok(balancers.into_iter().find_map(|balancer| balancer.load_balancer_arn))
}

async fn group(cloud: &Cloud, name: Option<String>) -> Result<Option<String>, Failure> {
    let Some(name) = name else { return Ok(None) };
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

/// A listener has one of a priority. One whose priority was not given may be any.
async fn rule(cloud: &Cloud, planned: &Attributes) -> Result<Option<String>, Failure> {
    let Some(priority) = planned.number("priority") else { return Ok(None) };
    let rules = pages(|marker| {
        let input = elbv2::DescribeRulesInput {
            listener_arn: planned.string("listener_arn"),
            marker,
            ..Default::default()
        };
        async move {
            let page = cloud.call::<elbv2::DescribeRules>(&input).await?;
            Ok((page.rules.unwrap_or_default(), page.next_marker))
        }
    });
    let rules = found(rules.await, &["ListenerNotFound"])?.unwrap_or_default();
    let priority = priority.to_string();
    let rule = rules.into_iter().find(|rule| rule.priority.as_ref() == Some(&priority));
    Ok(rule.and_then(|rule| rule.rule_arn))
}

async fn secret(cloud: &Cloud, name: Option<String>) -> Result<Option<String>, Failure> {
    let Some(secret_id) = name else { return Ok(None) };
    let input = secretsmanager::DescribeSecretRequest { secret_id };
    let described = cloud.call::<secretsmanager::DescribeSecret>(&input).await;
    let described = found(described, &["ResourceNotFoundException"])?;
    Ok(described.filter(|secret| secret.deleted_date.is_none()).and_then(|secret| secret.arn))
}
