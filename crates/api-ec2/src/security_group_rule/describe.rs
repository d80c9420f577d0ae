//! DescribeSecurityGroupRules.

use neargate_api::model::ec2::SecurityGroupRule;
use neargate_api::types::ec2::{
    self, DescribeSecurityGroupRulesRequest, DescribeSecurityGroupRulesResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::SecurityGroupRule>] = &[
    ("group-id", |r| one(&r.group_id)),
    ("security-group-rule-id", |r| one(&r.security_group_rule_id)),
];

const LISTING: Listing<ec2::SecurityGroupRule> = Listing {
    fields: FIELDS,
    id: |r| &r.security_group_rule_id,
    tags: |r| &r.tags,
    not_found: SecurityGroupRule::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeSecurityGroupRulesRequest,
) -> Result<DescribeSecurityGroupRulesResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<SecurityGroupRule>(&snapshot, &ctx.region).map(|r| super::shape(&ctx, &snapshot, &r)),
        Asked {
            ids: input.security_group_rule_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeSecurityGroupRulesResult {
        security_group_rules: Some(page.items),
        next_token: page.next_token,
    })
}
