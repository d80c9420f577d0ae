//! PutRetentionPolicy and DeleteRetentionPolicy: what `expire` acts on.

use neargate_api::model::logs::RETENTION_DAYS;
use neargate_api::types::logs::{
    DeleteRetentionPolicyOutput, DeleteRetentionPolicyRequest, PutRetentionPolicyOutput,
    PutRetentionPolicyRequest, error,
};
use neargate_api::{AwsError, Ctx};

use crate::group;

pub async fn put(
    ctx: Ctx,
    input: PutRetentionPolicyRequest,
) -> Result<PutRetentionPolicyOutput, AwsError> {
    let days = input.retention_in_days;
    if !RETENTION_DAYS.contains(&days) {
        return Err(error::invalid_parameter_exception(format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy \
             constraint: Member must satisfy enum value set: {RETENTION_DAYS:?}"
        )));
    }
    group::change(&ctx, &input.log_group_name, move |group| {
        group.retention_in_days = Some(days);
    })
    .await?;
    Ok(PutRetentionPolicyOutput {})
}

pub async fn delete(
    ctx: Ctx,
    input: DeleteRetentionPolicyRequest,
) -> Result<DeleteRetentionPolicyOutput, AwsError> {
    group::change(&ctx, &input.log_group_name, |group| group.retention_in_days = None).await?;
    Ok(DeleteRetentionPolicyOutput {})
}
