//! DescribeTrails: the region's own, and those of others that log here too
//! (their shadows). Names that nobody has are passed over.

use neargate_api::model::cloudtrail::Trail;
use neargate_api::types::cloudtrail::{DescribeTrailsRequest, DescribeTrailsResponse};
use neargate_api::{AwsError, Ctx};

use super::shown;

pub async fn call(
    ctx: Ctx,
    input: DescribeTrailsRequest,
) -> Result<DescribeTrailsResponse, AwsError> {
    let shadows = input.include_shadow_trails.unwrap_or(true);
    let names = input.trail_name_list.filter(|names| !names.is_empty());
    let asked = |trail: &Trail| {
        let home = trail.region == ctx.region;
        match &names {
            Some(names) => {
                let by_arn = names.contains(&trail.arn);
                by_arn || (names.contains(&trail.name) && (home || (trail.multi_region && shadows)))
            }
            None => home || (trail.multi_region && shadows),
        }
    };
    let snapshot = ctx.snapshot();
    let found = snapshot.all::<Trail>().filter(|trail| asked(trail)).map(|trail| shown(&trail));
    Ok(DescribeTrailsResponse { trail_list: Some(found.collect()) })
}
