//! ListImages: an identifier for each tag, and one for each image without any.

use neargate_api::model::ecr::Image;
use neargate_api::types::ecr::{ImageIdentifier, ListImagesRequest, ListImagesResponse};
use neargate_api::{AwsError, Ctx};

use crate::{image, repository};

pub async fn call(ctx: Ctx, input: ListImagesRequest) -> Result<ListImagesResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let filter = input.filter.unwrap_or_default();
    let mut ids = Vec::new();
    for found in Image::all_of(&ctx.snapshot(), &ctx.region, &name) {
        let wanted = image::has_status(filter.tag_status.as_deref(), !found.tags.is_empty())
            && image::is_active(filter.image_status.as_deref());
        let id =
            |image_tag| ImageIdentifier { image_digest: Some(found.digest.clone()), image_tag };
        match wanted {
            false => {}
            true if found.tags.is_empty() => ids.push(id(None)),
            true => ids.extend(found.tags.iter().cloned().map(|tag| id(Some(tag)))),
        }
    }
    let key = |id: &ImageIdentifier| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{} {}", part(&id.image_digest), part(&id.image_tag))
    };
    let limit = input.max_results.unwrap_or(100) as usize;
    let page = neargate_api::page(ids, key, input.next_token.as_deref(), limit)
        .ok_or_else(|| repository::invalid("nextToken", "it must come from the last answer"))?;
    Ok(ListImagesResponse { image_ids: Some(page.items), next_token: page.next_token })
}
