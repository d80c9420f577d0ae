//! The lifecycle policy of a repository. `plan::lifecycle` reads and applies it.

pub mod preview;

use neargate_api::types::ecr::{
    DeleteLifecyclePolicyRequest, DeleteLifecyclePolicyResponse, GetLifecyclePolicyRequest,
    GetLifecyclePolicyResponse, PutLifecyclePolicyRequest, PutLifecyclePolicyResponse, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_plan::lifecycle::LifecyclePolicy;

use crate::repository;

/// A policy's text, read.
fn parse(text: &str) -> Result<LifecyclePolicy, AwsError> {
    LifecyclePolicy::parse(text).map_err(|why| {
        let why = format!("Lifecycle policy validation failure: {why}");
        repository::invalid("LifecyclePolicyText", &why)
    })
}

/// PutLifecyclePolicy.
pub async fn put(
    ctx: Ctx,
    input: PutLifecyclePolicyRequest,
) -> Result<PutLifecyclePolicyResponse, AwsError> {
    let (name, text) = (input.repository_name, input.lifecycle_policy_text);
    parse(&text)?;
    let kept = text.clone();
    repository::change(&ctx, input.registry_id.as_deref(), &name, |r| {
        r.lifecycle_policy = Some(kept);
    })
    .await?;
    Ok(PutLifecyclePolicyResponse {
        lifecycle_policy_text: Some(text),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}

/// GetLifecyclePolicy.
pub async fn get(
    ctx: Ctx,
    input: GetLifecyclePolicyRequest,
) -> Result<GetLifecyclePolicyResponse, AwsError> {
    let name = input.repository_name;
    let found = repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let text = found.lifecycle_policy.clone().ok_or_else(|| none(&ctx, &name))?;
    Ok(GetLifecyclePolicyResponse {
        last_evaluated_at: found.lifecycle_evaluated_at,
        lifecycle_policy_text: Some(text),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}

/// DeleteLifecyclePolicy.
pub async fn delete(
    ctx: Ctx,
    input: DeleteLifecyclePolicyRequest,
) -> Result<DeleteLifecyclePolicyResponse, AwsError> {
    let (name, registry) = (input.repository_name, input.registry_id.as_deref());
    let found = repository::get(&ctx, registry, &name)?;
    let text = found.lifecycle_policy.clone().ok_or_else(|| none(&ctx, &name))?;
    repository::change(&ctx, registry, &name, |r| {
        r.lifecycle_policy = None;
        r.lifecycle_evaluated_at = None;
    })
    .await?;
    Ok(DeleteLifecyclePolicyResponse {
        last_evaluated_at: found.lifecycle_evaluated_at,
        lifecycle_policy_text: Some(text),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
    })
}

fn none(ctx: &Ctx, name: &str) -> AwsError {
    error::lifecycle_policy_not_found_exception(format!(
        "Lifecycle policy does not exist for the repository with name '{name}' in the registry with id '{}'",
        ctx.account()
    ))
}
