//! PutImageTagMutability.

use neargate_api::types::ecr::{PutImageTagMutabilityRequest, PutImageTagMutabilityResponse};
use neargate_api::{AwsError, Ctx};

use crate::repository;

pub async fn call(
    ctx: Ctx,
    input: PutImageTagMutabilityRequest,
) -> Result<PutImageTagMutabilityResponse, AwsError> {
    let mutability = input.image_tag_mutability;
    let given = input.image_tag_mutability_exclusion_filters;
    let filters = repository::exclusions(&mutability, given.clone())?;
    let (name, registry) = (input.repository_name, input.registry_id.as_deref());
    let to = mutability.clone();
    repository::change(&ctx, registry, &name, move |repository| {
        repository.tag_mutability = to;
        repository.exclusion_filters = filters;
    })
    .await?;
    Ok(PutImageTagMutabilityResponse {
        image_tag_mutability: Some(mutability),
        image_tag_mutability_exclusion_filters: given,
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}
