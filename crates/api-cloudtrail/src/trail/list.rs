//! ListTrails: those of all regions.

use neargate_api::model::cloudtrail::Trail;
use neargate_api::types::cloudtrail::{ListTrailsRequest, ListTrailsResponse, TrailInfo};
use neargate_api::{AwsError, Ctx};

/// Five in each region are few: there is one page.
pub async fn call(ctx: Ctx, _: ListTrailsRequest) -> Result<ListTrailsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let all = snapshot.all::<Trail>().map(|trail| TrailInfo {
        home_region: Some(trail.region.clone()),
        name: Some(trail.name.clone()),
        trail_arn: Some(trail.arn.clone()),
    });
    Ok(ListTrailsResponse { next_token: None, trails: Some(all.collect()) })
}
