//! DeleteTrail. What it has delivered stays in its bucket.

use neargate_api::model::cloudtrail::{Delivery, Trail};
use neargate_api::types::cloudtrail::{DeleteTrailRequest, DeleteTrailResponse};
use neargate_api::{AwsError, Ctx};

use super::{key_at_home, unknown};

pub async fn call(ctx: Ctx, input: DeleteTrailRequest) -> Result<DeleteTrailResponse, AwsError> {
    let key = key_at_home(&ctx, &input.name)?;
    let missing = unknown(&ctx, &input.name);
    ctx.write(move |tx| {
        tx.delete::<Trail>(&key).ok_or(missing)?;
        tx.delete::<Delivery>(&key);
        Ok(DeleteTrailResponse {})
    })
    .await
}
