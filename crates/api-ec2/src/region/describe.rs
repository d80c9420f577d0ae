//! DescribeRegions. All of them can be used here; those that an account on AWS
//! must opt in to are shown as opted in.

use neargate_api::model::ec2::REGIONS;
use neargate_api::types::ec2::{DescribeRegionsRequest, DescribeRegionsResult, Region};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};

const FIELDS: &[Field<Region>] = &[
    ("endpoint", |region| one(&region.endpoint)),
    ("opt-in-status", |region| one(&region.opt_in_status)),
    ("region-name", |region| one(&region.region_name)),
];

const LISTING: Listing<Region> = Listing {
    fields: FIELDS,
    id: |region| &region.region_name,
    tags: |_| &None,
    not_found: |name| error::invalid(format!("Invalid region name: [{name}]")),
};

pub async fn call(
    _: Ctx,
    input: DescribeRegionsRequest,
) -> Result<DescribeRegionsResult, AwsError> {
    dry_run(input.dry_run)?;
    let regions = REGIONS.iter().map(|(name, opt_in)| Region {
        endpoint: Some(format!("ec2.{name}.amazonaws.com")),
        opt_in_status: Some(if *opt_in { "opted-in" } else { "opt-in-not-required" }.into()),
        region_name: Some((*name).into()),
        ..Region::default()
    });
    let page = LISTING.page(
        regions,
        Asked { ids: input.region_names, filters: input.filters, ..Asked::default() },
    )?;
    Ok(DescribeRegionsResult { regions: Some(page.items) })
}
