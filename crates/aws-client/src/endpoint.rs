//! Where a service is: AWS's own address for it in a region, or one that was given
//! for all (`AWS_ENDPOINT_URL`) or for this one (`AWS_ENDPOINT_URL_ECS`).
//! Source: "AWS service endpoints" of the general reference; "Service-specific
//! endpoints" of the SDKs and Tools guide.

use std::collections::BTreeMap;

use neargate_wire::ServiceModel;

use crate::surroundings::Surroundings;

/// The addresses to call; AWS's own where none is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    all: Option<String>,
    /// By the service's name in variables: `ELASTIC_LOAD_BALANCING_V2`.
    each: BTreeMap<String, String>,
}

/// One service's address, and what requests to it are signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Without a slash at its end.
    pub url: String,
    /// The region to sign for.
    pub region: String,
}

/// The services that the client knows: our name, the one in variables, in addresses, and whether
/// there is one for all regions (signed for us-east-1).
const SERVICES: [(&str, &str, &str, bool); 20] = [
    ("acm", "ACM", "acm", false),
    ("application-autoscaling", "APPLICATION_AUTO_SCALING", "application-autoscaling", false),
    ("cloudtrail", "CLOUDTRAIL", "cloudtrail", false),
    ("cloudwatch", "CLOUDWATCH", "monitoring", false),
    ("codedeploy", "CODEDEPLOY", "codedeploy", false),
    ("ec2", "EC2", "ec2", false),
    ("ecr", "ECR", "api.ecr", false),
    ("ecs", "ECS", "ecs", false),
    ("elbv2", "ELASTIC_LOAD_BALANCING_V2", "elasticloadbalancing", false),
    ("events", "EVENTBRIDGE", "events", false),
    ("iam", "IAM", "iam", true),
    ("kms", "KMS", "kms", false),
    ("logs", "CLOUDWATCH_LOGS", "logs", false),
    ("rds", "RDS", "rds", false),
    ("s3", "S3", "s3", false),
    ("secretsmanager", "SECRETS_MANAGER", "secretsmanager", false),
    ("sns", "SNS", "sns", false),
    ("ssm", "SSM", "ssm", false),
    ("sts", "STS", "sts", false),
    ("wafv2", "WAFV2", "wafv2", false),
];

impl Endpoints {
    /// One address for all services.
    pub fn at(url: impl Into<String>) -> Self {
        Endpoints { all: Some(trimmed(&url.into())), each: BTreeMap::new() }
    }

    /// What the environment and the profile say.
    pub fn from(surroundings: &Surroundings) -> Self {
        let mut new = Endpoints::default();
        if surroundings
            .variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            .is_some_and(|ignore| ignore.eq_ignore_ascii_case("true"))
        {
            return new;
        }
        let profile = surroundings.profile();
        let general = surroundings.variable("AWS_ENDPOINT_URL");
        new.all = general.or_else(|| surroundings.setting(profile, "endpoint_url")).map(trimmed);
        let section =
            surroundings.setting(profile, "services").map(|name| format!("services {name}"));
        for (_, name, _, _) in SERVICES {
            let variable = surroundings.variable(&format!("AWS_ENDPOINT_URL_{name}"));
            let key = format!("{}.endpoint_url", name.to_ascii_lowercase());
            let of_file = || surroundings.config.get(section.as_deref()?, &key);
            if let Some(url) = variable.or_else(of_file) {
                new.each.insert(name.to_owned(), trimmed(url));
            }
        }
        new
    }

    /// Whether calls go to AWS itself.
    pub fn is_aws(&self) -> bool {
        self.all.is_none() && self.each.is_empty()
    }

    /// The address of a generated service in a region.
    pub(crate) fn of(&self, service: &ServiceModel, region: &str) -> Endpoint {
        self.named(service.name, service.signing_name, region)
    }

    /// The same by our name of a service, and the first part of its address where it is new to us.
    pub(crate) fn named(&self, service: &str, otherwise: &str, region: &str) -> Endpoint {
        let known = SERVICES.iter().find(|(name, ..)| *name == service);
        let (variable, host, global) = known
            .map_or(("", otherwise, false), |(_, variable, host, global)| {
                (*variable, *host, *global)
            });
        let given = self.each.get(variable).or(self.all.as_ref());
        if let Some(url) = given {
            return Endpoint { url: url.clone(), region: region.to_owned() };
        }
        let suffix = domain(region);
        if global && suffix == "amazonaws.com" && !region.starts_with("us-gov-") {
            let url = format!("https://{host}.{suffix}");
            return Endpoint { url, region: "us-east-1".to_owned() };
        }
        let url = format!("https://{host}.{region}.{suffix}");
        Endpoint { url, region: region.to_owned() }
    }
}

/// The domain of a region's partition.
fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use neargate_api_types::{SERVICES as MODELS, ecs, elbv2, iam};

    #[test]
    fn every_generated_service_is_known() {
        for model in MODELS {
            assert!(SERVICES.iter().any(|(name, ..)| *name == model.name), "{}", model.name);
        }
    }

    #[test]
    fn aws_has_its_own_and_what_is_given_counts_over_it() {
        let url = |endpoints: &Endpoints, service, region: &str| {
            let Endpoint { url, region } = endpoints.of(service, region);
            format!("{url} as {region}")
        };
        let aws = Endpoints::default();
        assert_eq!(
            url(&aws, &elbv2::SERVICE, "eu-west-1"),
            "https://elasticloadbalancing.eu-west-1.amazonaws.com as eu-west-1"
        );
        assert_eq!(url(&aws, &iam::SERVICE, "eu-west-1"), "https://iam.amazonaws.com as us-east-1");
        assert_eq!(
            url(&aws, &ecs::SERVICE, "cn-north-1"),
            "https://ecs.cn-north-1.amazonaws.com.cn as cn-north-1"
        );
        let given = Surroundings::with_variables([
            ("AWS_ENDPOINT_URL", "http://localhost:4566/"),
            ("AWS_ENDPOINT_URL_ECS", "http://localhost:1"),
        ]);
        let given = Endpoints::from(&given.unwrap());
        assert_eq!(url(&given, &iam::SERVICE, "eu-west-1"), "http://localhost:4566 as eu-west-1");
        assert_eq!(url(&given, &ecs::SERVICE, "eu-west-1"), "http://localhost:1 as eu-west-1");
        assert!(aws.is_aws() && !given.is_aws());
    }
}
