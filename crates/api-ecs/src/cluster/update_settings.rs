//! UpdateClusterSettings: the older way to change settings alone.

use neargate_api::types::ecs::{
    UpdateClusterRequest, UpdateClusterSettingsRequest, UpdateClusterSettingsResponse,
};
use neargate_api::{AwsError, Ctx};

use super::update;

pub async fn call(
    ctx: Ctx,
    input: UpdateClusterSettingsRequest,
) -> Result<UpdateClusterSettingsResponse, AwsError> {
    let whole = UpdateClusterRequest {
        cluster: input.cluster,
        settings: Some(input.settings),
        ..Default::default()
    };
    let updated = update::call(ctx, whole).await?;
    Ok(UpdateClusterSettingsResponse { cluster: updated.cluster })
}
