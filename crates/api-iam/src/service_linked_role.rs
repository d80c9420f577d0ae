//! Roles that belong to a service of AWS: made on its behalf, and changed by nobody.

pub mod create;
pub mod delete;

/// A service's role and the policy that AWS gives it.
struct Template {
    service: &'static str,
    role: &'static str,
    policy: &'static str,
    /// Whether several of them, told apart by a suffix, are possible.
    has_suffix: bool,
}

const TEMPLATES: &[Template] = &[
    Template {
        service: "ecs.amazonaws.com",
        role: "AWSServiceRoleForECS",
        policy: "AmazonECSServiceRolePolicy",
        has_suffix: false,
    },
    Template {
        service: "elasticloadbalancing.amazonaws.com",
        role: "AWSServiceRoleForElasticLoadBalancing",
        policy: "AWSElasticLoadBalancingServiceRolePolicy",
        has_suffix: false,
    },
    Template {
        service: "rds.amazonaws.com",
        role: "AWSServiceRoleForRDS",
        policy: "AmazonRDSServiceRolePolicy",
        has_suffix: false,
    },
    Template {
        service: "ecs.application-autoscaling.amazonaws.com",
        role: "AWSServiceRoleForApplicationAutoScaling_ECSService",
        policy: "AWSApplicationAutoscalingECSServicePolicy",
        has_suffix: false,
    },
];
