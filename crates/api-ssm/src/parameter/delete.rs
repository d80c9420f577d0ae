//! DeleteParameter: with all its versions.

use neargate_api::model::ssm::Parameter;
use neargate_api::types::ssm::{DeleteParameterRequest, DeleteParameterResult};
use neargate_api::{AwsError, Ctx};

use crate::parameter::{find, not_found};

pub async fn call(
    ctx: Ctx,
    input: DeleteParameterRequest,
) -> Result<DeleteParameterResult, AwsError> {
    let found = find(&ctx, &input.name).ok_or_else(|| not_found(&input.name))?;
    let key = Parameter::key_of(&found.region, &found.name);
    ctx.write(move |tx| {
        tx.delete::<Parameter>(&key).map(drop).ok_or_else(|| not_found(&input.name))
    })
    .await?;
    Ok(DeleteParameterResult {})
}
