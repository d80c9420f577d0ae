//! TagRole, UntagRole and ListRoleTags.

use neargate_api::types::iam::{
    ListRoleTagsRequest, ListRoleTagsResponse, TagRoleOutput, TagRoleRequest, UntagRoleOutput,
    UntagRoleRequest,
};
use neargate_api::{AwsError, Ctx};

use crate::{pages, role, tags};

pub async fn tag(ctx: Ctx, input: TagRoleRequest) -> Result<TagRoleOutput, AwsError> {
    let new = tags::read(Some(input.tags))?;
    ctx.write(move |tx| {
        let tags = tags::merged(&role::find(tx, &input.role_name)?.tags, new)?;
        role::describe(tx, &input.role_name, |role| role.tags = tags)?;
        Ok(TagRoleOutput {})
    })
    .await
}

pub async fn untag(ctx: Ctx, input: UntagRoleRequest) -> Result<UntagRoleOutput, AwsError> {
    ctx.write(move |tx| {
        role::describe(tx, &input.role_name, |role| {
            role.tags.retain(|key, _| !input.tag_keys.contains(key));
        })?;
        Ok(UntagRoleOutput {})
    })
    .await
}

pub async fn list(ctx: Ctx, input: ListRoleTagsRequest) -> Result<ListRoleTagsResponse, AwsError> {
    let role = role::find(&ctx.snapshot(), &input.role_name)?;
    let all = tags::shown(&role.tags);
    let page = pages::of(all, |tag| tag.key.clone(), input.marker.as_deref(), input.max_items)?;
    Ok(ListRoleTagsResponse {
        tags: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
