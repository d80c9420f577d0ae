//! ListTaskDefinitions.

use neargate_api::model::ecs::TaskDefinition;
use neargate_api::types::ecs::{ListTaskDefinitionsRequest, ListTaskDefinitionsResponse, error};
use neargate_api::{AwsError, Ctx, page};

pub async fn call(
    ctx: Ctx,
    input: ListTaskDefinitionsRequest,
) -> Result<ListTaskDefinitionsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = match &input.family_prefix {
        Some(family) => format!("{}/{family}/", ctx.region),
        None => format!("{}/", ctx.region),
    };
    let active = input.status.as_deref().unwrap_or("ACTIVE") == "ACTIVE";
    let found: Vec<_> =
        snapshot.scan::<TaskDefinition>(&prefix).filter(|d| d.active == active).collect();
    let limit = input.max_results.unwrap_or(100).clamp(1, 100) as usize;
    let token = input.next_token.as_deref();
    let paged = if input.sort.as_deref() == Some("DESC") {
        // Counted down from the end, so that pages stay in order under the same kind of token.
        let numbered = found.iter().rev().enumerate();
        page(numbered, |(index, _)| format!("{index:010}"), token, limit)
            .map(|p| (p.items.into_iter().map(|(_, d)| d.arn.clone()).collect(), p.next_token))
    } else {
        page(
            found.iter(),
            |d| TaskDefinition::key_of(&d.region, &d.family, d.revision),
            token,
            limit,
        )
        .map(|p| (p.items.into_iter().map(|d| d.arn.clone()).collect(), p.next_token))
    };
    let (arns, next_token) =
        paged.ok_or_else(|| error::invalid_parameter_exception("Invalid token."))?;
    Ok(ListTaskDefinitionsResponse { task_definition_arns: Some(arns), next_token })
}
