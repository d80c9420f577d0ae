//! BatchDeleteImage.

use neargate_api::types::ecr::{BatchDeleteImageRequest, BatchDeleteImageResponse};
use neargate_api::{AwsError, Ctx};

use crate::image::remove::remove;
use crate::repository;

pub async fn call(
    ctx: Ctx,
    input: BatchDeleteImageRequest,
) -> Result<BatchDeleteImageResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let (region, mut ids) = (ctx.region.clone(), input.image_ids);
    let (deleted, failures) = ctx
        .write(move |tx| {
            // An index that goes lets go of its images, in whichever order they are named.
            ids.sort_by_key(|id| {
                let found = crate::image::find(tx.view(), &region, &name, id);
                found.is_none_or(|image| image.manifests.is_empty())
            });
            let (mut deleted, mut failures) = (Vec::new(), Vec::new());
            for id in ids {
                match remove(tx, &region, &name, id) {
                    Ok(gone) => deleted.extend(gone),
                    Err(failure) => failures.push(failure),
                }
            }
            Ok((deleted, failures))
        })
        .await?;
    Ok(BatchDeleteImageResponse { failures: Some(failures), image_ids: Some(deleted) })
}
