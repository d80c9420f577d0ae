//! GetTrail.

use neargate_api::types::cloudtrail::{GetTrailRequest, GetTrailResponse};
use neargate_api::{AwsError, Ctx};

use super::{find, shown};

pub async fn call(ctx: Ctx, input: GetTrailRequest) -> Result<GetTrailResponse, AwsError> {
    Ok(GetTrailResponse { trail: Some(shown(&*find(&ctx, &input.name)?)) })
}
