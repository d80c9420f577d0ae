//! DescribeAccountLimits: the quotas that every account begins with, those of
//! them that are enforced here.

use neargate_api::types::elbv2::{DescribeAccountLimitsInput, DescribeAccountLimitsOutput, Limit};
use neargate_api::{AwsError, Ctx};

use crate::pages;

pub const LOAD_BALANCERS: usize = 50;
pub const LISTENERS_PER_LOAD_BALANCER: usize = 50;
pub const RULES_PER_LOAD_BALANCER: usize = 100;
pub const TARGET_GROUPS: usize = 3000;
pub const TARGETS_PER_TARGET_GROUP: usize = 1000;
pub const TARGET_GROUPS_PER_ACTION: usize = 5;
pub const CONDITION_VALUES_PER_RULE: usize = 5;
pub const CONDITION_WILDCARDS_PER_RULE: usize = 6;
pub const CERTIFICATES_PER_LOAD_BALANCER: usize = 25;

const LIMITS: &[(&str, usize)] = &[
    ("application-load-balancers", LOAD_BALANCERS),
    ("certificates-per-application-load-balancer", CERTIFICATES_PER_LOAD_BALANCER),
    ("condition-values-per-alb-rule", CONDITION_VALUES_PER_RULE),
    ("condition-wildcards-per-alb-rule", CONDITION_WILDCARDS_PER_RULE),
    ("listeners-per-application-load-balancer", LISTENERS_PER_LOAD_BALANCER),
    ("rules-per-application-load-balancer", RULES_PER_LOAD_BALANCER),
    ("target-groups", TARGET_GROUPS),
    ("target-groups-per-action-on-application-load-balancer", TARGET_GROUPS_PER_ACTION),
    ("targets-per-target-group", TARGETS_PER_TARGET_GROUP),
];

pub async fn describe(
    _: Ctx,
    input: DescribeAccountLimitsInput,
) -> Result<DescribeAccountLimitsOutput, AwsError> {
    let page = pages::cut(LIMITS, |(name, _)| (*name).into(), input.marker, input.page_size)?;
    let shown = page
        .items
        .iter()
        .map(|(name, max)| Limit { name: Some((*name).into()), max: Some(max.to_string()) });
    Ok(DescribeAccountLimitsOutput { limits: Some(shown.collect()), next_marker: page.next_token })
}
