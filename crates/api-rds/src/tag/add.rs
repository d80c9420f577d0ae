//! AddTagsToResource: new tags, and new values of those that are there.

use neargate_api::types::rds::{AddTagsToResourceMessage, AddTagsToResourceOutput};
use neargate_api::{AwsError, Ctx};

pub async fn call(
    ctx: Ctx,
    input: AddTagsToResourceMessage,
) -> Result<AddTagsToResourceOutput, AwsError> {
    let added = super::read(Some(input.tags))?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        super::change(&at, tx, &input.resource_name, |tags| tags.extend(added))?;
        Ok(AddTagsToResourceOutput {})
    })
    .await
}
