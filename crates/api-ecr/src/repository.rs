//! Repositories: how they are found, shown and refused.

pub mod create;
pub mod delete;
pub mod describe;
pub mod policy;
pub mod put_scanning;
pub mod put_tag_mutability;
pub mod tags;

use std::sync::Arc;

use neargate_api::model::ecr::Repository;
use neargate_api::types::ecr::{
    self, EncryptionConfiguration, ImageScanningConfiguration, ImageTagMutabilityExclusionFilter,
    error,
};
use neargate_api::{AwsError, Ctx, Inert, Snapshot, Stored};

use crate::address::registry_host;

/// The ARN of the repository of that name.
pub fn arn(ctx: &Ctx, name: &str) -> String {
    ctx.arn("ecr", format!("repository/{name}"))
}

/// The policy of the repository of that name, if it has one.
pub fn policy_of(ctx: &Ctx, name: &str) -> Option<String> {
    let found = ctx.snapshot().get::<Repository>(&Repository::key_of(&ctx.region, name));
    found.and_then(|repository| repository.policy.clone())
}

/// The repository of that name, in a snapshot or in a transaction's view.
pub fn find(
    snapshot: &Snapshot,
    region: &str,
    account: &str,
    name: &str,
) -> Result<Arc<Repository>, AwsError> {
    snapshot
        .get::<Repository>(&Repository::key_of(region, name))
        .ok_or_else(|| not_found(account, name))
}

/// The repository that a request is about.
pub fn get(ctx: &Ctx, registry_id: Option<&str>, name: &str) -> Result<Arc<Repository>, AwsError> {
    check_registry(ctx, registry_id, name)?;
    find(&ctx.snapshot(), &ctx.region, ctx.account(), name)
}

/// Changes the repository that a request is about, and gives back the new one.
pub async fn change(
    ctx: &Ctx,
    registry_id: Option<&str>,
    name: &str,
    change: impl FnOnce(&mut Repository) + Send + 'static,
) -> Result<Arc<Repository>, AwsError> {
    check_registry(ctx, registry_id, name)?;
    let key = Repository::key_of(&ctx.region, name);
    let missing = not_found(ctx.account(), name);
    ctx.write(move |tx| tx.update::<Repository>(&key, change).ok_or(missing)).await
}

/// There is one registry; what is asked of another is not found there.
fn check_registry(ctx: &Ctx, registry_id: Option<&str>, name: &str) -> Result<(), AwsError> {
    match registry_id {
        Some(id) if id != ctx.account() => Err(not_found(id, name)),
        _ => Ok(()),
    }
}

fn not_found(account: &str, name: &str) -> AwsError {
    error::repository_not_found_exception(format!(
        "The repository with name '{name}' does not exist in the registry with id '{account}'"
    ))
}

/// AWS's form of a parameter that does not fit.
pub fn invalid(parameter: &str, why: &str) -> AwsError {
    error::invalid_parameter_exception(format!(
        "Invalid parameter at '{parameter}' failed to satisfy constraint: '{why}'"
    ))
}

/// A repository as AWS shows it.
pub fn shown(ctx: &Ctx, repository: &Repository) -> ecr::Repository {
    let filters: Vec<_> = repository.exclusion_filters.iter().map(|f| f.0.clone()).collect();
    ecr::Repository {
        created_at: Some(repository.created_at),
        encryption_configuration: Some(EncryptionConfiguration {
            encryption_type: repository.encryption_type.clone(),
            kms_key: repository.kms_key.clone(),
        }),
        image_scanning_configuration: Some(ImageScanningConfiguration {
            scan_on_push: Some(repository.scan_on_push),
        }),
        image_tag_mutability: Some(repository.tag_mutability.clone()),
        image_tag_mutability_exclusion_filters: (!filters.is_empty()).then_some(filters),
        registry_id: Some(ctx.account().to_owned()),
        repository_arn: Some(repository.arn.clone()),
        repository_name: Some(repository.name.clone()),
        repository_uri: Some(format!("{}/{}", registry_host(ctx.cloud.port), repository.name)),
    }
}

/// Filters go with the settings that have exclusions, and only with them.
pub fn exclusions(
    mutability: &str,
    filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
) -> Result<Vec<Stored<ImageTagMutabilityExclusionFilter>>, AwsError> {
    let filters = filters.unwrap_or_default();
    let wanted = mutability.ends_with("_WITH_EXCLUSION");
    let parameter = "imageTagMutabilityExclusionFilters";
    if wanted && filters.is_empty() {
        return Err(invalid(parameter, &format!("{mutability} needs at least one filter")));
    }
    if !wanted && !filters.is_empty() {
        return Err(invalid(parameter, &format!("{mutability} has no exclusions")));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._*-".contains(c);
    for filter in &filters {
        let text = &filter.filter;
        if !text.chars().all(allowed) || text.matches('*').count() > 2 {
            return Err(invalid(
                parameter,
                &format!("'{text}' must have letters, digits, '.', '_', '-' and at most two '*'"),
            ));
        }
    }
    Ok(filters.into_iter().map(Stored).collect())
}

/// Encryption at rest with a key is shown back and does not happen.
pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let keyed = snapshot.all::<Repository>().filter(|r| r.encryption_type != "AES256");
    keyed
        .map(|r| {
            Inert::new(
                &r.arn,
                "encryptionConfiguration",
                format!("Layers would be encrypted at rest with {}.", r.encryption_type),
            )
        })
        .collect()
}
