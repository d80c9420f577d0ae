//! DescribeImages.

use neargate_api::model::ecr::Image;
use neargate_api::types::ecr::{DescribeImagesRequest, DescribeImagesResponse, ImageDetail};
use neargate_api::{AwsError, Ctx};

use crate::{image, repository};

pub async fn call(
    ctx: Ctx,
    input: DescribeImagesRequest,
) -> Result<DescribeImagesResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    if let Some(ids) = input.image_ids {
        let found: Result<Vec<_>, _> = ids.iter().map(|id| image::get(&ctx, &name, id)).collect();
        let mut found = found?;
        found.sort_by(|a, b| a.digest.cmp(&b.digest));
        found.dedup_by(|a, b| a.digest == b.digest);
        let details = found.iter().map(|image| detail(&ctx, image)).collect();
        return Ok(DescribeImagesResponse { image_details: Some(details), next_token: None });
    }
    let filter = input.filter.unwrap_or_default();
    let mut all = Image::all_of(&ctx.snapshot(), &ctx.region, &name);
    all.retain(|i| {
        image::has_status(filter.tag_status.as_deref(), !i.tags.is_empty())
            && image::is_active(filter.image_status.as_deref())
    });
    let limit = input.max_results.unwrap_or(100) as usize;
    let page = neargate_api::page(all, |i| i.digest.clone(), input.next_token.as_deref(), limit)
        .ok_or_else(|| repository::invalid("nextToken", "it must come from the last answer"))?;
    Ok(DescribeImagesResponse {
        image_details: Some(page.items.iter().map(|image| detail(&ctx, image)).collect()),
        next_token: page.next_token,
    })
}

fn detail(ctx: &Ctx, image: &Image) -> ImageDetail {
    let tags: Vec<String> = image.tags.iter().cloned().collect();
    ImageDetail {
        artifact_media_type: image
            .artifact_type
            .clone()
            .or_else(|| image.config.as_ref().map(|config| config.media_type.clone())),
        image_digest: Some(image.digest.clone()),
        image_manifest_media_type: Some(image.media_type.clone()),
        image_pushed_at: Some(image.pushed_at),
        image_size_in_bytes: Some(image.layers_size() as i64),
        image_status: Some("ACTIVE".into()),
        image_tags: (!tags.is_empty()).then_some(tags),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(image.repository.clone()),
        subject_manifest_digest: image.subject.clone(),
        ..Default::default()
    }
}
