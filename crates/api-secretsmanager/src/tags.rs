//! Tags of secrets, and the two operations on them.

use neargate_api::types::secretsmanager::{
    Tag, TagResourceOutput, TagResourceRequest, UntagResourceOutput, UntagResourceRequest, error,
};
use neargate_api::{AwsError, Ctx, Tags, check_tags};

use crate::secret;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    checked(given.unwrap_or_default().into_iter().map(pair).collect())
}

/// Tags as shown; nothing when there are none.
pub fn shown(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(k, v): (&String, &String)| Tag { key: Some(k.clone()), value: Some(v.clone()) };
    Some(tags.iter().map(tag).collect::<Vec<_>>()).filter(|tags| !tags.is_empty())
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceOutput, AwsError> {
    let added = read(Some(input.tags))?;
    secret::change(&ctx, &input.secret_id, move |secret| {
        secret.tags.extend(added);
        secret.tags = checked(std::mem::take(&mut secret.tags))?;
        Ok(())
    })
    .await?;
    Ok(TagResourceOutput {})
}

pub async fn untag(ctx: Ctx, input: UntagResourceRequest) -> Result<UntagResourceOutput, AwsError> {
    secret::change(&ctx, &input.secret_id, move |secret| {
        secret.tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok(())
    })
    .await?;
    Ok(UntagResourceOutput {})
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(why) => Err(error::invalid_parameter_exception(why)),
        None => Ok(tags),
    }
}
