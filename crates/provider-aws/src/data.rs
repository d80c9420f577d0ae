//! The data sources that there are.

mod availability_zones;
mod caller_identity;
mod ecs_cluster;
mod elb_service_account;
mod iam_policy_document;
mod lb;
mod partition;
mod region;
mod secretsmanager_random_password;

use crate::resource::Data;

/// All of them.
static ALL: &[(&str, &dyn Data)] = &[
    ("aws_availability_zones", &availability_zones::AvailabilityZones),
    ("aws_caller_identity", &caller_identity::CallerIdentity),
    ("aws_elb_service_account", &elb_service_account::ElbServiceAccount),
    ("aws_ecs_cluster", &ecs_cluster::EcsCluster),
    ("aws_lb", &lb::Lb),
    ("aws_iam_policy_document", &iam_policy_document::IamPolicyDocument),
    ("aws_partition", &partition::Partition),
    ("aws_region", &region::Region),
    ("aws_secretsmanager_random_password", &secretsmanager_random_password::RandomPassword),
];

/// The data source of this type.
pub fn find(of_type: &str) -> Option<&'static dyn Data> {
    ALL.iter().find(|(name, _)| *name == of_type).map(|(_, data)| *data)
}

/// Their types.
pub fn types() -> Vec<String> {
    ALL.iter().map(|(name, _)| (*name).to_owned()).collect()
}
