//! DescribeTaskDefinition.

use neargate_api::types::ecs::{
    DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse, error,
};
use neargate_api::{AwsError, Ctx};

use super::{find, shown};
use crate::tags;

pub async fn call(
    ctx: Ctx,
    input: DescribeTaskDefinitionRequest,
) -> Result<DescribeTaskDefinitionResponse, AwsError> {
    let found = find(&ctx, &ctx.snapshot(), &input.task_definition)
        .ok_or_else(|| error::client_exception("Unable to describe task definition."))?;
    let with_tags = input.include.iter().flatten().any(|i| i == "TAGS");
    Ok(DescribeTaskDefinitionResponse {
        tags: with_tags.then(|| tags::shown(&found.tags)),
        task_definition: Some(shown(&found)),
    })
}
