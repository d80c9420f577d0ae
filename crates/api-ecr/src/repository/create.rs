//! CreateRepository.

use neargate_api::model::ecr::Repository;
use neargate_api::types::ecr::{CreateRepositoryRequest, CreateRepositoryResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::repository::{self, tags};

pub async fn call(
    ctx: Ctx,
    input: CreateRepositoryRequest,
) -> Result<CreateRepositoryResponse, AwsError> {
    let name = input.repository_name;
    if input.registry_id.as_deref().is_some_and(|id| id != ctx.account()) {
        return Err(repository::invalid("registryId", "it must be this account's"));
    }
    let mutability = input.image_tag_mutability.unwrap_or_else(|| "MUTABLE".into());
    let (encryption_type, kms_key) = match input.encryption_configuration {
        None => ("AES256".to_owned(), None),
        Some(given) if given.encryption_type == "AES256" && given.kms_key.is_some() => {
            return Err(repository::invalid("kmsKey", "AES256 takes no key"));
        }
        Some(given) => {
            let managed = || Some(ctx.arn("kms", "alias/aws/ecr"));
            let key = match given.encryption_type.as_str() {
                "AES256" => None,
                _ => given.kms_key.or_else(managed),
            };
            (given.encryption_type, key)
        }
    };
    let made = Repository {
        region: ctx.region.clone(),
        arn: repository::arn(&ctx, &name),
        name: name.clone(),
        created_at: ctx.now,
        exclusion_filters: repository::exclusions(
            &mutability,
            input.image_tag_mutability_exclusion_filters,
        )?,
        tag_mutability: mutability,
        scan_on_push: input
            .image_scanning_configuration
            .and_then(|scanning| scanning.scan_on_push)
            .unwrap_or_default(),
        encryption_type,
        kms_key,
        policy: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        preview: None,
        tags: tags::read(input.tags)?,
    };
    let shown = repository::shown(&ctx, &made);
    let account = ctx.account().to_owned();
    ctx.write(move |tx| {
        tx.insert(made).map_err(|_| {
            error::repository_already_exists_exception(format!(
                "The repository with name '{name}' already exists in the registry with id '{account}'"
            ))
        })
    })
    .await?;
    Ok(CreateRepositoryResponse { repository: Some(shown) })
}
