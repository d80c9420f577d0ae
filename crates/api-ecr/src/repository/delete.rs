//! DeleteRepository: with images only by force, which takes them along.

use neargate_api::model::ecr::{Image, Layer, Repository};
use neargate_api::types::ecr::{DeleteRepositoryRequest, DeleteRepositoryResponse, error};
use neargate_api::{AwsError, Ctx, Record};

use crate::repository;

pub async fn call(
    ctx: Ctx,
    input: DeleteRepositoryRequest,
) -> Result<DeleteRepositoryResponse, AwsError> {
    let name = input.repository_name;
    let force = input.force.unwrap_or_default();
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let (region, account) = (ctx.region.clone(), ctx.account().to_owned());
    let deleted = ctx
        .write(move |tx| {
            let repository = repository::find(tx.view(), &region, &account, &name)?;
            let images = Image::all_of(tx.view(), &region, &name);
            if !images.is_empty() && !force {
                return Err(error::repository_not_empty_exception(format!(
                    "The repository with name '{name}' in registry with id '{account}' cannot be deleted because it still contains images"
                )));
            }
            for image in images {
                tx.delete::<Image>(&image.key());
            }
            let layers: Vec<String> =
                tx.scan::<Layer>(&Layer::key_of(&region, &name, "")).map(|l| l.key()).collect();
            for key in layers {
                tx.delete::<Layer>(&key);
            }
            tx.delete::<Repository>(&repository.key());
            Ok(repository)
        })
        .await?;
    Ok(DeleteRepositoryResponse { repository: Some(repository::shown(&ctx, &deleted)) })
}
