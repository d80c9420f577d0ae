//! PutLogGroupDeletionProtection.

use neargate_api::types::logs::{
    PutLogGroupDeletionProtectionOutput, PutLogGroupDeletionProtectionRequest,
};
use neargate_api::{AwsError, Ctx};

use crate::group;

pub async fn put(
    ctx: Ctx,
    input: PutLogGroupDeletionProtectionRequest,
) -> Result<PutLogGroupDeletionProtectionOutput, AwsError> {
    let name = group::name_in(&input.log_group_identifier);
    group::change(&ctx, name, move |group| {
        group.deletion_protection = input.deletion_protection_enabled;
    })
    .await?;
    Ok(PutLogGroupDeletionProtectionOutput {})
}
