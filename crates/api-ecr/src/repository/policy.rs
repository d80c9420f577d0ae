//! The policy of a repository: who else may push and pull.

use neargate_api::types::ecr::{
    DeleteRepositoryPolicyRequest, DeleteRepositoryPolicyResponse, GetRepositoryPolicyRequest,
    GetRepositoryPolicyResponse, SetRepositoryPolicyRequest, SetRepositoryPolicyResponse, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_authz::{Kind, Policy};

use crate::repository;

/// SetRepositoryPolicy.
pub async fn set(
    ctx: Ctx,
    input: SetRepositoryPolicyRequest,
) -> Result<SetRepositoryPolicyResponse, AwsError> {
    let text = input.policy_text;
    if let Err(malformed) = Policy::parse(&text, Kind::Resource) {
        return Err(repository::invalid("PolicyText", &malformed.to_string()));
    }
    let (name, kept) = (input.repository_name, text.clone());
    repository::change(&ctx, input.registry_id.as_deref(), &name, |r| r.policy = Some(kept))
        .await?;
    Ok(SetRepositoryPolicyResponse {
        policy_text: Some(text),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}

/// GetRepositoryPolicy.
pub async fn get(
    ctx: Ctx,
    input: GetRepositoryPolicyRequest,
) -> Result<GetRepositoryPolicyResponse, AwsError> {
    let name = input.repository_name;
    let found = repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let text = found.policy.clone().ok_or_else(|| none(&ctx, &name))?;
    Ok(GetRepositoryPolicyResponse {
        policy_text: Some(text),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}

/// DeleteRepositoryPolicy.
pub async fn delete(
    ctx: Ctx,
    input: DeleteRepositoryPolicyRequest,
) -> Result<DeleteRepositoryPolicyResponse, AwsError> {
    let (name, registry) = (input.repository_name, input.registry_id.as_deref());
    let found = repository::get(&ctx, registry, &name)?;
    let text = found.policy.clone().ok_or_else(|| none(&ctx, &name))?;
    repository::change(&ctx, registry, &name, |r| r.policy = None).await?;
    Ok(DeleteRepositoryPolicyResponse {
        policy_text: Some(text),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}

fn none(ctx: &Ctx, name: &str) -> AwsError {
    error::repository_policy_not_found_exception(format!(
        "Repository policy does not exist for the repository with name '{name}' in the registry with id '{}'",
        ctx.account()
    ))
}
