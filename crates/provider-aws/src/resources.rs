//! The resources that there are, by their types.

mod appautoscaling_policy;
mod appautoscaling_scheduled_action;
mod appautoscaling_target;
mod cloudwatch_dashboard;
mod cloudwatch_metric_alarm;
pub mod ecs_cluster;
mod ecs_cluster_capacity_providers;
mod ecs_service;
mod ecs_service_connect;
mod ecs_task_definition;
mod eip;
mod internet_gateway;
pub mod lb;
mod lb_actions;
mod lb_attributes;
mod lb_listener;
mod lb_listener_certificate;
mod lb_listener_rule;
mod lb_target_group;
mod lb_target_group_attachment;
mod nat_gateway;
mod route;
mod route_table;
mod route_table_association;
mod security_group;
mod security_group_rule;
mod subnet;
mod vpc;
mod vpc_endpoint;

use neargate_api_types::ec2;

use crate::resource::Resource;

/// All of them.
static ALL: &[(&str, &dyn Resource)] = &[
    ("aws_appautoscaling_policy", &appautoscaling_policy::AppautoscalingPolicy),
    (
        "aws_appautoscaling_scheduled_action",
        &appautoscaling_scheduled_action::AppautoscalingScheduledAction,
    ),
    ("aws_appautoscaling_target", &appautoscaling_target::AppautoscalingTarget),
    ("aws_cloudwatch_dashboard", &cloudwatch_dashboard::CloudwatchDashboard),
    ("aws_cloudwatch_metric_alarm", &cloudwatch_metric_alarm::CloudwatchMetricAlarm),
    ("aws_default_security_group", &security_group::SecurityGroup { default: true }),
    ("aws_ecs_cluster", &ecs_cluster::EcsCluster),
    (
        "aws_ecs_cluster_capacity_providers",
        &ecs_cluster_capacity_providers::EcsClusterCapacityProviders,
    ),
    ("aws_ecs_service", &ecs_service::EcsService),
    ("aws_ecs_task_definition", &ecs_task_definition::EcsTaskDefinition),
    ("aws_eip", &eip::Eip),
    ("aws_internet_gateway", &internet_gateway::InternetGateway),
    ("aws_lb", &lb::Lb),
    ("aws_lb_listener", &lb_listener::LbListener),
    ("aws_lb_listener_certificate", &lb_listener_certificate::LbListenerCertificate),
    ("aws_lb_listener_rule", &lb_listener_rule::LbListenerRule),
    ("aws_lb_target_group", &lb_target_group::LbTargetGroup),
    ("aws_lb_target_group_attachment", &lb_target_group_attachment::LbTargetGroupAttachment),
    ("aws_nat_gateway", &nat_gateway::NatGateway),
    ("aws_route", &route::Route),
    ("aws_route_table", &route_table::RouteTable),
    ("aws_route_table_association", &route_table_association::RouteTableAssociation),
    ("aws_security_group", &security_group::SecurityGroup { default: false }),
    ("aws_subnet", &subnet::Subnet),
    ("aws_vpc", &vpc::Vpc),
    ("aws_vpc_endpoint", &vpc_endpoint::VpcEndpoint),
    (
        "aws_vpc_security_group_egress_rule",
        &security_group_rule::SecurityGroupRule { egress: true },
    ),
    (
        "aws_vpc_security_group_ingress_rule",
        &security_group_rule::SecurityGroupRule { egress: false },
    ),
];

/// The resource of this type.
pub fn find(of_type: &str) -> Option<&'static dyn Resource> {
    ALL.iter().find(|(name, _)| *name == of_type).map(|(_, resource)| *resource)
}

/// Their types.
pub fn types() -> Vec<String> {
    ALL.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Filters of EC2's descriptions.
fn filters<const N: usize>(pairs: [(&str, &str); N]) -> Option<Vec<ec2::Filter>> {
    let filter = |(name, value): (&str, &str)| ec2::Filter {
        name: Some(name.to_owned()),
        values: Some(vec![value.to_owned()]),
    };
    Some(pairs.into_iter().map(filter).collect())
}
