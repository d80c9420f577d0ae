//! StartQuery.

use std::collections::BTreeSet;

use neargate_api::model::logs::LogQuery;
use neargate_api::types::logs::{StartQueryRequest, StartQueryResponse, error};
use neargate_api::{AwsError, Ctx};
use neargate_logquery::insights::{Malformed, Query};
use serde_json::json;

use super::{Queries, check_language};
use crate::group;

/// Log groups of a query.
const GROUPS: usize = 50;

/// AWS remembers queries for so long.
const REMEMBERED_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Rows, where nothing is said.
const DEFAULT_LIMIT: i32 = 10_000;

pub async fn call(
    ctx: Ctx,
    queries: Queries,
    input: StartQueryRequest,
) -> Result<StartQueryResponse, AwsError> {
    check_language(input.query_language.as_deref())?;
    let groups = groups(&ctx, &input)?;
    Query::parse(&input.query_string).map_err(malformed)?;
    let (start_ms, end_ms) = (millis(input.start_time), millis(input.end_time));
    if start_ms > end_ms {
        return Err(error::invalid_parameter_exception(
            "Query's start time must not be after its end time.",
        ));
    }
    let limit = input.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=100_000).contains(&limit) {
        return Err(error::invalid_parameter_exception("limit must be between 1 and 100000."));
    }
    let query = LogQuery {
        region: ctx.region.clone(),
        id: ctx.rng().uuid(),
        groups,
        query: input.query_string,
        start_ms,
        // Both ends are included, to the second.
        end_ms: end_ms.saturating_add(1000),
        limit: limit as usize,
        created_ms: ctx.now.millis(),
        asked_by: ctx.caller.arn(ctx.account()),
        ended: None,
    };
    let made = query.clone();
    let forgotten_ms = ctx.now.millis() - REMEMBERED_MS;
    ctx.write(move |tx| {
        let old = tx.scan::<LogQuery>(&LogQuery::key_of(&made.region, ""));
        let old = old.filter(|query| query.created_ms < forgotten_ms);
        let old: Vec<String> =
            old.map(|query| LogQuery::key_of(&query.region, &query.id)).collect();
        for key in old {
            tx.delete::<LogQuery>(&key);
        }
        tx.put(made);
        Ok(())
    })
    .await?;
    let id = query.id.clone();
    queries.begin(&ctx.cloud, query);
    Ok(StartQueryResponse { query_id: Some(id) })
}

/// Seconds of a range of time, as the API has them.
fn millis(seconds: i64) -> i64 {
    seconds.saturating_mul(1000)
}

/// The names of the groups that are told in one of three ways, each of which is there.
fn groups(ctx: &Ctx, input: &StartQueryRequest) -> Result<Vec<String>, AwsError> {
    let refuse = |message: &str| Err(error::invalid_parameter_exception(message));
    let given: BTreeSet<String> = match (
        &input.log_group_name,
        &input.log_group_names,
        &input.log_group_identifiers,
    ) {
        (Some(name), None, None) => BTreeSet::from([name.clone()]),
        (None, Some(names), None) => names.iter().cloned().collect(),
        (None, None, Some(identifiers)) => {
            identifiers.iter().map(|one| group::name_in(one).to_owned()).collect()
        }
        (None, None, None) => {
            return refuse(
                "Log group name is required: give logGroupNames or logGroupIdentifiers.",
            );
        }
        _ => {
            return refuse(
                "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given.",
            );
        }
    };
    if given.is_empty() || given.len() > GROUPS {
        return refuse("A query is over 1 to 50 log groups.");
    }
    let snapshot = ctx.snapshot();
    for name in &given {
        group::find(ctx, &snapshot, name)?;
        ctx.authorize("logs:StartQuery", &group::resource(ctx, name))?;
    }
    Ok(given.into_iter().collect())
}

/// AWS's error for a query that cannot be read, with the place.
fn malformed(wrong: Malformed) -> AwsError {
    let about = json!({
        "location": { "startCharOffset": wrong.start, "endCharOffset": wrong.end },
        "message": wrong.message,
    });
    error::malformed_query_exception(wrong.message).with("queryCompileError", about)
}
