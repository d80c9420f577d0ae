//! TagPolicy, UntagPolicy and ListPolicyTags.

use neargate_api::types::iam::{
    ListPolicyTagsRequest, ListPolicyTagsResponse, TagPolicyOutput, TagPolicyRequest,
    UntagPolicyOutput, UntagPolicyRequest,
};
use neargate_api::{AwsError, Ctx};

use crate::{pages, policy, tags};

pub async fn tag(ctx: Ctx, input: TagPolicyRequest) -> Result<TagPolicyOutput, AwsError> {
    let new = tags::read(Some(input.tags))?;
    ctx.write(move |tx| {
        let tags = tags::merged(&policy::find_own(tx, &input.policy_arn)?.tags, new)?;
        policy::change(tx, &input.policy_arn, |policy| policy.tags = tags)?;
        Ok(TagPolicyOutput {})
    })
    .await
}

pub async fn untag(ctx: Ctx, input: UntagPolicyRequest) -> Result<UntagPolicyOutput, AwsError> {
    ctx.write(move |tx| {
        policy::change(tx, &input.policy_arn, |policy| {
            policy.tags.retain(|key, _| !input.tag_keys.contains(key));
        })?;
        Ok(UntagPolicyOutput {})
    })
    .await
}

pub async fn list(
    ctx: Ctx,
    input: ListPolicyTagsRequest,
) -> Result<ListPolicyTagsResponse, AwsError> {
    let shown = policy::shown(&ctx.snapshot(), &input.policy_arn)?;
    let all = shown.tags.unwrap_or_default();
    let page = pages::of(all, |tag| tag.key.clone(), input.marker.as_deref(), input.max_items)?;
    Ok(ListPolicyTagsResponse {
        tags: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
