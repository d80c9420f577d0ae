//! Queries that are kept under a name. They are not looked at before somebody asks them.

use neargate_api::model::logs::QueryDefinition;
use neargate_api::types::logs::{
    self, DeleteQueryDefinitionRequest, DeleteQueryDefinitionResponse,
    DescribeQueryDefinitionsRequest, DescribeQueryDefinitionsResponse, PutQueryDefinitionRequest,
    PutQueryDefinitionResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::pages;

/// Definitions that a region can have.
const LIMIT: usize = 1000;

pub async fn put(
    ctx: Ctx,
    input: PutQueryDefinitionRequest,
) -> Result<PutQueryDefinitionResponse, AwsError> {
    if input.parameters.is_some_and(|parameters| !parameters.is_empty()) {
        return Err(error::invalid_parameter_exception(
            "Neargate runs no queries with parameters: leave parameters out.",
        ));
    }
    if input.query_language.as_deref().is_some_and(|language| language != "CWLI") {
        return Err(error::invalid_parameter_exception("Neargate runs queries in CWLI only."));
    }
    let known = input.query_definition_id;
    let made = QueryDefinition {
        region: ctx.region.clone(),
        id: known.clone().unwrap_or_else(|| ctx.rng().uuid()),
        name: input.name,
        query: input.query_string,
        groups: input.log_group_names.unwrap_or_default(),
        modified_ms: ctx.now.millis(),
    };
    let id = made.id.clone();
    ctx.write(move |tx| {
        let key = QueryDefinition::key_of(&made.region, &made.id);
        if known.is_some() && !tx.contains::<QueryDefinition>(&key) {
            return Err(not_found());
        }
        let prefix = QueryDefinition::key_of(&made.region, "");
        let count = tx.scan::<QueryDefinition>(&prefix).count();
        if known.is_none() && count >= LIMIT {
            return Err(error::limit_exceeded_exception("Resource limit exceeded."));
        }
        tx.put(made);
        Ok(())
    })
    .await?;
    Ok(PutQueryDefinitionResponse { query_definition_id: Some(id) })
}

pub async fn delete(
    ctx: Ctx,
    input: DeleteQueryDefinitionRequest,
) -> Result<DeleteQueryDefinitionResponse, AwsError> {
    let key = QueryDefinition::key_of(&ctx.region, &input.query_definition_id);
    ctx.write(move |tx| tx.delete::<QueryDefinition>(&key).ok_or_else(not_found)).await?;
    Ok(DeleteQueryDefinitionResponse { success: Some(true) })
}

pub async fn describe(
    ctx: Ctx,
    input: DescribeQueryDefinitionsRequest,
) -> Result<DescribeQueryDefinitionsResponse, AwsError> {
    let prefix = input.query_definition_name_prefix.unwrap_or_default();
    let snapshot = ctx.snapshot();
    let all = snapshot.scan::<QueryDefinition>(&QueryDefinition::key_of(&ctx.region, ""));
    let mut found: Vec<_> = all.filter(|found| found.name.starts_with(&prefix)).collect();
    let key = |found: &std::sync::Arc<QueryDefinition>| format!("{}\n{}", found.name, found.id);
    found.sort_by_cached_key(key);
    let page = pages::of(found, key, input.next_token.as_deref(), input.max_results)?;
    let shown = page.items.iter().map(|found| logs::QueryDefinition {
        query_definition_id: Some(found.id.clone()),
        name: Some(found.name.clone()),
        query_string: Some(found.query.clone()),
        query_language: Some("CWLI".into()),
        last_modified: Some(found.modified_ms),
        log_group_names: Some(found.groups.clone()),
        parameters: None,
    });
    Ok(DescribeQueryDefinitionsResponse {
        query_definitions: Some(shown.collect()),
        next_token: page.next_token,
    })
}

fn not_found() -> AwsError {
    error::resource_not_found_exception("The specified query definition does not exist.")
}
