//! All resources together: each kind has its rule, is free, or is said to be unknown.

use std::collections::{BTreeMap, BTreeSet};

use crate::prices::{PRICES, Prices};
use crate::resource::Resource;
use crate::{database, fargate, monitoring, network, storage};

/// What a resource costs, in US dollars a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub address: String,
    /// `2 tasks of 0.5 vCPU and 1 GB`
    pub what: String,
    pub low: f64,
    /// Higher than `low` where it scales.
    pub high: f64,
}

/// See the crate.
#[derive(Clone, Debug, Default)]
pub struct Estimate {
    /// The dearest first.
    pub lines: Vec<Line>,
    /// What depends on use, with its price, and what was taken for granted.
    pub assumptions: BTreeSet<String>,
    /// Kinds that cost nothing by themselves, with how many there are.
    pub free: BTreeMap<String, usize>,
    /// Addresses of what has no price here.
    pub unknown: Vec<String>,
}

/// The table has no prices there.
#[derive(Debug, thiserror::Error)]
#[error(
    "the price table has no prices of {region}: it has those of {}; --region takes one of them",
    PRICES.regions.join(" and ")
)]
pub struct UnknownRegion {
    pub region: String,
}

/// What the resources of a stack know of each other, and where the lines go.
pub(crate) struct Estimating<'a> {
    pub prices: &'a Prices,
    pub all: &'a [Resource],
    pub estimate: Estimate,
}

impl Estimating<'_> {
    pub fn line(&mut self, resource: &Resource, what: impl Into<String>, monthly: f64) {
        self.range(resource, what, monthly, monthly);
    }

    pub fn range(&mut self, resource: &Resource, what: impl Into<String>, low: f64, high: f64) {
        let address = resource.address.clone();
        self.estimate.lines.push(Line { address, what: what.into(), low, high });
    }

    pub fn assume(&mut self, what: impl Into<String>) {
        self.estimate.assumptions.insert(what.into());
    }

    /// The resources of a kind in the module of another.
    pub fn beside<'b>(
        &'b self,
        resource: &'b Resource,
        kind: &'b str,
    ) -> impl Iterator<Item = &'b Resource> {
        let module = resource.module();
        self.all.iter().filter(move |other| other.kind == kind && other.module() == module)
    }
}

/// What resources cost in a region.
pub fn estimate(resources: &[Resource], region: &str) -> Result<Estimate, UnknownRegion> {
    if !PRICES.regions.iter().any(|known| known == region) {
        return Err(UnknownRegion { region: region.to_owned() });
    }
    let estimate = Estimate::default();
    let mut of = Estimating { prices: &PRICES, all: resources, estimate };
    for resource in resources {
        if !priced(&mut of, resource) {
            match is_free(&resource.kind) {
                true => *of.estimate.free.entry(resource.kind.clone()).or_default() += 1,
                false => of.estimate.unknown.push(resource.address.clone()),
            }
        }
    }
    let mut estimate = of.estimate;
    estimate.lines.sort_by(|a, b| b.high.total_cmp(&a.high).then(a.address.cmp(&b.address)));
    Ok(estimate)
}

/// Whether the kind has a price.
fn priced(of: &mut Estimating<'_>, resource: &Resource) -> bool {
    match resource.kind.as_str() {
        "aws_ecs_service" => fargate::service(of, resource),
        "aws_ecs_cluster" => monitoring::cluster(of, resource),
        "aws_lb" | "aws_alb" => network::load_balancer(of, resource),
        "aws_nat_gateway" => network::nat_gateway(of, resource),
        "aws_eip" => network::address(of, resource),
        "aws_vpc_endpoint" => network::endpoint(of, resource),
        "aws_route53_zone" => network::zone(of, resource),
        "aws_wafv2_web_acl" => network::web_acl(of, resource),
        "aws_db_instance" => database::instance(of, resource),
        "aws_cloudwatch_metric_alarm" => monitoring::alarm(of, resource),
        "aws_cloudwatch_composite_alarm" => monitoring::composite_alarm(of, resource),
        "aws_cloudwatch_dashboard" => monitoring::dashboard(of, resource),
        "aws_cloudwatch_log_group" => monitoring::log_group(of, resource),
        "aws_appautoscaling_policy" => monitoring::scaling_policy(of, resource),
        "aws_secretsmanager_secret" => storage::secret(of, resource),
        "aws_kms_key" => storage::key(of, resource),
        "aws_ecr_repository" => storage::repository(of, resource),
        "aws_s3_bucket" => storage::bucket(of, resource),
        _ => return false,
    }
    true
}

/// Kinds of which AWS asks nothing; their use may be another resource's.
fn is_free(kind: &str) -> bool {
    const FREE: [&str; 22] = [
        "aws_acm_certificate",
        "aws_appautoscaling_",
        "aws_cloudtrail",
        "aws_codedeploy_",
        "aws_db_parameter_group",
        "aws_db_subnet_group",
        "aws_default_",
        "aws_ecr_",
        "aws_ecs_",
        "aws_flow_log",
        "aws_iam_",
        "aws_internet_gateway",
        "aws_kms_",
        "aws_lb_",
        "aws_route",
        "aws_s3_bucket_",
        "aws_secretsmanager_",
        "aws_security_group",
        "aws_sns_",
        "aws_subnet",
        "aws_vpc",
        "aws_wafv2_web_acl_",
    ];
    FREE.iter().any(|free| kind.starts_with(free)) || kind == "terraform_data"
}
