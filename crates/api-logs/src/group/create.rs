//! CreateLogGroup.

use neargate_api::model::logs::LogGroup;
use neargate_api::types::logs::{CreateLogGroupOutput, CreateLogGroupRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::{group, tags};

pub async fn call(
    ctx: Ctx,
    input: CreateLogGroupRequest,
) -> Result<CreateLogGroupOutput, AwsError> {
    if input.log_group_name.starts_with("aws/") {
        return Err(error::invalid_parameter_exception(
            "Log groups starting with aws/ are reserved for AWS.",
        ));
    }
    if let Some(key) = &input.kms_key_id {
        group::kms_key::check(key)?;
    }
    let made = LogGroup {
        region: ctx.region.clone(),
        arn: ctx.arn("logs", format!("log-group:{}", input.log_group_name)),
        name: input.log_group_name,
        created_ms: ctx.now.millis(),
        class: input.log_group_class.unwrap_or_else(|| "STANDARD".into()),
        retention_in_days: None,
        kms_key_id: input.kms_key_id,
        deletion_protection: input.deletion_protection_enabled.unwrap_or(false),
        tags: tags::checked(input.tags.unwrap_or_default())?,
    };
    ctx.write(move |tx| {
        tx.insert(made).map_err(|_| {
            error::resource_already_exists_exception("The specified log group already exists")
        })
    })
    .await?;
    Ok(CreateLogGroupOutput {})
}
