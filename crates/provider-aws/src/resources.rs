//! The resources that there are, by their types.

pub mod acm_certificate;
mod acm_certificate_validation;
mod appautoscaling_policy;
mod appautoscaling_scheduled_action;
mod appautoscaling_target;
mod cloudtrail;
mod cloudwatch_dashboard;
pub mod cloudwatch_event_rule;
pub mod cloudwatch_event_target;
mod cloudwatch_log_group;
mod cloudwatch_log_metric_filter;
mod cloudwatch_metric_alarm;
mod codedeploy;
mod codedeploy_app;
mod codedeploy_deployment_group;
pub mod db_instance;
mod db_parameter_group;
mod db_subnet_group;
mod ecr_lifecycle_policy;
mod ecr_repository;
mod ecr_repository_policy;
pub mod ecs_cluster;
mod ecs_cluster_capacity_providers;
mod ecs_service;
mod ecs_service_connect;
mod ecs_task_definition;
mod eip;
mod flow_log;
mod iam_policy;
mod iam_role;
mod iam_role_policy;
mod iam_role_policy_attachment;
mod internet_gateway;
pub mod kms_alias;
pub mod kms_key;
pub mod lb;
mod lb_actions;
mod lb_attributes;
mod lb_listener;
mod lb_listener_certificate;
mod lb_listener_rule;
pub mod lb_target_group;
mod lb_target_group_attachment;
mod nat_gateway;
mod rds;
pub mod route;
mod route_table;
mod route_table_association;
mod s3;
pub mod s3_bucket;
mod s3_bucket_encryption;
mod s3_bucket_lifecycle;
mod s3_bucket_policy;
mod s3_bucket_public_access_block;
mod s3_bucket_versioning;
mod secretsmanager_secret;
pub mod secretsmanager_secret_version;
mod security_group;
mod security_group_rule;
pub mod security_group_sources;
pub mod sns_topic;
mod sns_topic_policy;
mod sns_topic_subscription;
mod ssm_parameter;
mod subnet;
mod vpc;
mod vpc_endpoint;
mod vpc_ipv4_cidr_block_association;
mod wafv2_web_acl_association;

use neargate_api_types::ec2;

use crate::resource::Resource;

/// All of them.
static ALL: &[(&str, &dyn Resource)] = &[
    ("aws_acm_certificate", &acm_certificate::Certificate),
    ("aws_acm_certificate_validation", &acm_certificate_validation::CertificateValidation),
    ("aws_appautoscaling_policy", &appautoscaling_policy::AppautoscalingPolicy),
    (
        "aws_appautoscaling_scheduled_action",
        &appautoscaling_scheduled_action::AppautoscalingScheduledAction,
    ),
    ("aws_appautoscaling_target", &appautoscaling_target::AppautoscalingTarget),
    ("aws_cloudtrail", &cloudtrail::Trail),
    ("aws_cloudwatch_dashboard", &cloudwatch_dashboard::CloudwatchDashboard),
    ("aws_cloudwatch_event_rule", &cloudwatch_event_rule::EventRule),
    ("aws_cloudwatch_event_target", &cloudwatch_event_target::EventTarget),
    ("aws_cloudwatch_log_group", &cloudwatch_log_group::LogGroup),
    ("aws_cloudwatch_log_metric_filter", &cloudwatch_log_metric_filter::LogMetricFilter),
    ("aws_cloudwatch_metric_alarm", &cloudwatch_metric_alarm::CloudwatchMetricAlarm),
    ("aws_codedeploy_app", &codedeploy_app::App),
    ("aws_codedeploy_deployment_group", &codedeploy_deployment_group::DeploymentGroup),
    ("aws_db_instance", &db_instance::DbInstance),
    ("aws_db_parameter_group", &db_parameter_group::DbParameterGroup),
    ("aws_db_subnet_group", &db_subnet_group::DbSubnetGroup),
    ("aws_default_security_group", &security_group::SecurityGroup { default: true }),
    ("aws_ecr_lifecycle_policy", &ecr_lifecycle_policy::LifecyclePolicy),
    ("aws_ecr_repository", &ecr_repository::Repository),
    ("aws_ecr_repository_policy", &ecr_repository_policy::RepositoryPolicy),
    ("aws_ecs_cluster", &ecs_cluster::EcsCluster),
    (
        "aws_ecs_cluster_capacity_providers",
        &ecs_cluster_capacity_providers::EcsClusterCapacityProviders,
    ),
    ("aws_ecs_service", &ecs_service::EcsService),
    ("aws_ecs_task_definition", &ecs_task_definition::EcsTaskDefinition),
    ("aws_eip", &eip::Eip),
    ("aws_flow_log", &flow_log::FlowLog),
    ("aws_iam_policy", &iam_policy::Policy),
    ("aws_iam_role", &iam_role::Role),
    ("aws_iam_role_policy", &iam_role_policy::RolePolicy),
    ("aws_iam_role_policy_attachment", &iam_role_policy_attachment::RolePolicyAttachment),
    ("aws_internet_gateway", &internet_gateway::InternetGateway),
    ("aws_kms_alias", &kms_alias::Alias),
    ("aws_kms_key", &kms_key::Key),
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
    ("aws_s3_bucket", &s3_bucket::Bucket),
    ("aws_s3_bucket_lifecycle_configuration", &s3_bucket_lifecycle::BucketLifecycle),
    ("aws_s3_bucket_policy", &s3_bucket_policy::BucketPolicy),
    ("aws_s3_bucket_public_access_block", &s3_bucket_public_access_block::PublicAccessBlock),
    ("aws_s3_bucket_server_side_encryption_configuration", &s3_bucket_encryption::BucketEncryption),
    ("aws_s3_bucket_versioning", &s3_bucket_versioning::BucketVersioning),
    ("aws_secretsmanager_secret", &secretsmanager_secret::Secret),
    ("aws_secretsmanager_secret_version", &secretsmanager_secret_version::SecretVersion),
    ("aws_security_group", &security_group::SecurityGroup { default: false }),
    ("aws_security_group_rule", &security_group_sources::SecurityGroupSources),
    ("aws_sns_topic", &sns_topic::Topic),
    ("aws_sns_topic_policy", &sns_topic_policy::TopicPolicy),
    ("aws_sns_topic_subscription", &sns_topic_subscription::TopicSubscription),
    ("aws_ssm_parameter", &ssm_parameter::Parameter),
    ("aws_subnet", &subnet::Subnet),
    ("aws_vpc", &vpc::Vpc),
    ("aws_vpc_endpoint", &vpc_endpoint::VpcEndpoint),
    (
        "aws_vpc_ipv4_cidr_block_association",
        &vpc_ipv4_cidr_block_association::VpcIpv4CidrBlockAssociation,
    ),
    (
        "aws_vpc_security_group_egress_rule",
        &security_group_rule::SecurityGroupRule { egress: true },
    ),
    (
        "aws_vpc_security_group_ingress_rule",
        &security_group_rule::SecurityGroupRule { egress: false },
    ),
    ("aws_wafv2_web_acl_association", &wafv2_web_acl_association::WebAclAssociation),
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
pub fn filters<const N: usize>(pairs: [(&str, &str); N]) -> Option<Vec<ec2::Filter>> {
    let filter = |(name, value): (&str, &str)| ec2::Filter {
        name: Some(name.to_owned()),
        values: Some(vec![value.to_owned()]),
    };
    Some(pairs.into_iter().map(filter).collect())
}
