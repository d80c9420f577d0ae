//! DescribeRepositories: all, or those named, each of which must be there.

use neargate_api::model::ecr::Repository;
use neargate_api::types::ecr::{DescribeRepositoriesRequest, DescribeRepositoriesResponse};
use neargate_api::{AwsError, Ctx};

use crate::repository;

pub async fn call(
    ctx: Ctx,
    input: DescribeRepositoriesRequest,
) -> Result<DescribeRepositoriesResponse, AwsError> {
    if let Some(names) = input.repository_names {
        if input.next_token.is_some() || input.max_results.is_some() {
            return Err(repository::invalid(
                "repositoryNames",
                "it cannot be used with maxResults or nextToken",
            ));
        }
        let registry = input.registry_id.as_deref();
        let found: Result<Vec<_>, _> =
            names.iter().map(|name| repository::get(&ctx, registry, name)).collect();
        let shown = found?.iter().map(|r| repository::shown(&ctx, r)).collect();
        return Ok(DescribeRepositoriesResponse { next_token: None, repositories: Some(shown) });
    }
    let snapshot = ctx.snapshot();
    let all: Vec<_> = snapshot.scan::<Repository>(&Repository::key_of(&ctx.region, "")).collect();
    let limit = input.max_results.unwrap_or(100) as usize;
    let page = neargate_api::page(all, |r| r.name.clone(), input.next_token.as_deref(), limit)
        .ok_or_else(|| repository::invalid("nextToken", "it must come from the last answer"))?;
    Ok(DescribeRepositoriesResponse {
        next_token: page.next_token,
        repositories: Some(page.items.iter().map(|r| repository::shown(&ctx, r)).collect()),
    })
}
