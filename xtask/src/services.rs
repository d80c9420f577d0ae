//! What AWS's models do not say of a service.

use anyhow::{Context, Result};

/// A service that types are generated for.
pub struct Service {
    pub name: &'static str,
    /// The directory of its model in botocore.
    pub directory: &'static str,
    /// The prefix of its actions in IAM policies.
    pub iam_prefix: &'static str,
    /// The code of its errors for broken constraints.
    pub validation_code: &'static str,
}

impl Service {
    /// The name of its Rust module.
    pub fn module(&self) -> String {
        self.name.replace('-', "_")
    }
}

const fn service(
    name: &'static str,
    iam_prefix: &'static str,
    validation_code: &'static str,
) -> Service {
    Service { name, directory: name, iam_prefix, validation_code }
}

const SERVICES: &[Service] = &[
    service("acm", "acm", "ValidationException"),
    service("application-autoscaling", "application-autoscaling", "ValidationException"),
    service("cloudtrail", "cloudtrail", "ValidationException"),
    service("cloudwatch", "cloudwatch", "ValidationError"),
    service("codedeploy", "codedeploy", "ValidationException"),
    service("ec2", "ec2", "InvalidParameterValue"),
    service("ecr", "ecr", "InvalidParameterException"),
    service("ecs", "ecs", "InvalidParameterException"),
    service("elbv2", "elasticloadbalancing", "ValidationError"),
    service("events", "events", "ValidationException"),
    service("iam", "iam", "ValidationError"),
    service("kms", "kms", "ValidationException"),
    service("logs", "logs", "InvalidParameterException"),
    service("rds", "rds", "InvalidParameterValue"),
    service("secretsmanager", "secretsmanager", "ValidationException"),
    service("sns", "sns", "InvalidParameter"),
    service("ssm", "ssm", "ValidationException"),
    service("sts", "sts", "ValidationError"),
    service("wafv2", "wafv2", "ValidationException"),
];

/// The service of this name.
pub fn find(name: &str) -> Result<&'static Service> {
    SERVICES
        .iter()
        .find(|s| s.name == name)
        .with_context(|| format!("unknown service {name}: add it to services.rs"))
}
