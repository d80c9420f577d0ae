//! DescribeAccountAttributes.

use neargate_api::model::ec2::Vpc;
use neargate_api::types::ec2::{
    AccountAttribute, AccountAttributeValue, DescribeAccountAttributesRequest,
    DescribeAccountAttributesResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::all;

pub async fn call(
    ctx: Ctx,
    input: DescribeAccountAttributesRequest,
) -> Result<DescribeAccountAttributesResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let default = all::<Vpc>(&snapshot, &ctx.region).find(|vpc| vpc.is_default);
    let default_vpc = default.map_or("none".to_owned(), |vpc| vpc.vpc_id.clone());
    let known = [
        ("supported-platforms", "VPC"),
        ("vpc-max-security-groups-per-interface", "5"),
        ("max-elastic-ips", "762"),
        ("max-instances", "0"),
        ("vpc-max-elastic-ips", "762"),
        ("default-vpc", default_vpc.as_str()),
    ];
    let wanted = input.attribute_names.unwrap_or_default();
    if let Some(other) = wanted.iter().find(|name| !known.iter().any(|(known, _)| known == name)) {
        return Err(error::invalid_value(other, "attributeName", "There is no such attribute."));
    }
    let shown = known
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name))
        .map(|(name, value)| AccountAttribute {
            attribute_name: Some((*name).into()),
            attribute_values: Some(vec![AccountAttributeValue {
                attribute_value: Some((*value).into()),
            }]),
        });
    Ok(DescribeAccountAttributesResult { account_attributes: Some(shown.collect()) })
}
