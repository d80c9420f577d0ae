//! DescribeSecret: everything but the value, also of a secret marked for deletion.

use neargate_api::types::secretsmanager::{DescribeSecretRequest, DescribeSecretResponse};
use neargate_api::{AwsError, Ctx};

use crate::{secret, tags};

pub async fn call(
    ctx: Ctx,
    input: DescribeSecretRequest,
) -> Result<DescribeSecretResponse, AwsError> {
    let secret = secret::find(&ctx, &input.secret_id)?;
    Ok(DescribeSecretResponse {
        arn: Some(secret.arn.clone()),
        name: Some(secret.name.clone()),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key_id.clone(),
        created_date: Some(secret.created),
        last_changed_date: Some(secret.changed),
        last_accessed_date: secret.accessed,
        deleted_date: secret.deletion.map(|deletion| deletion.asked),
        owning_service: secret.owning_service.clone(),
        tags: tags::shown(&secret.tags),
        version_ids_to_stages: secret::stages_shown(&secret),
        ..DescribeSecretResponse::default()
    })
}
