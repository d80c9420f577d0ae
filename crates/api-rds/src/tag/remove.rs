//! RemoveTagsFromResource: takes tags away; those that are not there do no harm.

use neargate_api::types::rds::{RemoveTagsFromResourceMessage, RemoveTagsFromResourceOutput};
use neargate_api::{AwsError, Ctx};

pub async fn call(
    ctx: Ctx,
    input: RemoveTagsFromResourceMessage,
) -> Result<RemoveTagsFromResourceOutput, AwsError> {
    let at = ctx.clone();
    ctx.write(move |tx| {
        super::change(&at, tx, &input.resource_name, |tags| {
            tags.retain(|key, _| !input.tag_keys.contains(key));
        })?;
        Ok(RemoveTagsFromResourceOutput {})
    })
    .await
}
