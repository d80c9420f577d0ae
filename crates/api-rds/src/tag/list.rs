//! ListTagsForResource: all tags of a resource.

use neargate_api::types::rds::{ListTagsForResourceMessage, TagListMessage};
use neargate_api::{AwsError, Ctx};

pub async fn call(ctx: Ctx, input: ListTagsForResourceMessage) -> Result<TagListMessage, AwsError> {
    let tags = super::of(&ctx, &ctx.snapshot(), &input.resource_name)?;
    Ok(TagListMessage { tag_list: Some(super::shape(&tags)) })
}
