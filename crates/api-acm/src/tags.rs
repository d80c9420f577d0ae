//! Tags of certificates, and the three operations on them.

use neargate_api::types::acm::{
    AddTagsToCertificateOutput, AddTagsToCertificateRequest, ListTagsForCertificateRequest,
    ListTagsForCertificateResponse, RemoveTagsFromCertificateOutput,
    RemoveTagsFromCertificateRequest, Tag, error,
};
use neargate_api::{AwsError, Ctx, TAG_LIMIT, Tags, check_tags};

use crate::certificate;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let pair = |tag: Tag| (tag.key, tag.value.unwrap_or_default());
    checked(given.unwrap_or_default().into_iter().map(pair).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(why) if tags.len() > TAG_LIMIT => Err(error::too_many_tags_exception(why)),
        Some(why) => Err(error::invalid_tag_exception(why)),
        None => Ok(tags),
    }
}

pub async fn add(
    ctx: Ctx,
    input: AddTagsToCertificateRequest,
) -> Result<AddTagsToCertificateOutput, AwsError> {
    let added = read(Some(input.tags))?;
    certificate::change(&ctx, &input.certificate_arn, move |certificate| {
        certificate.tags.extend(added);
        certificate.tags = checked(std::mem::take(&mut certificate.tags))?;
        Ok(())
    })
    .await?;
    Ok(AddTagsToCertificateOutput {})
}

/// A tag that is given with a value goes only if it has that value.
pub async fn remove(
    ctx: Ctx,
    input: RemoveTagsFromCertificateRequest,
) -> Result<RemoveTagsFromCertificateOutput, AwsError> {
    certificate::change(&ctx, &input.certificate_arn, move |certificate| {
        for tag in &input.tags {
            let has = certificate.tags.get(&tag.key);
            if has.is_some_and(|value| tag.value.as_ref().is_none_or(|given| given == value)) {
                certificate.tags.remove(&tag.key);
            }
        }
        Ok(())
    })
    .await?;
    Ok(RemoveTagsFromCertificateOutput {})
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForCertificateRequest,
) -> Result<ListTagsForCertificateResponse, AwsError> {
    let certificate = certificate::find(&ctx, &input.certificate_arn)?;
    let shown = |(k, v): (&String, &String)| Tag { key: k.clone(), value: Some(v.clone()) };
    Ok(ListTagsForCertificateResponse { tags: Some(certificate.tags.iter().map(shown).collect()) })
}
