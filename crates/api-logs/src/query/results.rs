//! GetQueryResults: what a query has found, or how far it is.

use neargate_api::model::logs::LogQuery;
use neargate_api::types::logs::{
    GetQueryResultsRequest, GetQueryResultsResponse, QueryStatistics, ResultField, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_logquery::insights::{Row, Statistics};

use super::{Queries, not_found};

/// Rows of an answer.
const PAGE: usize = 10_000;

pub async fn call(
    ctx: Ctx,
    queries: Queries,
    input: GetQueryResultsRequest,
) -> Result<GetQueryResultsResponse, AwsError> {
    let key = LogQuery::key_of(&ctx.region, &input.query_id);
    let query = ctx.snapshot().get::<LogQuery>(&key).ok_or_else(|| not_found(&input.query_id))?;
    let from = match input.next_token.as_deref().map(str::parse::<usize>) {
        None => 0,
        Some(Ok(from)) => from,
        Some(Err(_)) => {
            return Err(error::invalid_parameter_exception("The specified nextToken is invalid."));
        }
    };
    let found = queries.known().found.get(&key).cloned();
    let ended = query.ended.as_ref().map(|ended| ended.status.clone());
    let answer = |status: &str, seen: Statistics| GetQueryResultsResponse {
        query_language: Some("CWLI".into()),
        status: Some(status.into()),
        statistics: Some(statistics(seen, query.groups.len())),
        results: Some(Vec::new()),
        ..Default::default()
    };
    match (found, ended) {
        (Some(found), Some(status)) => {
            let size = input.max_items.and_then(|n| usize::try_from(n).ok()).unwrap_or(PAGE);
            let rows = found.rows.iter().skip(from).take(size.clamp(1, PAGE));
            let results: Vec<Vec<ResultField>> = rows.map(shown).collect();
            let until = from + results.len();
            Ok(GetQueryResultsResponse {
                next_token: (until < found.rows.len()).then(|| until.to_string()),
                results: Some(results),
                ..answer(&status, found.statistics)
            })
        }
        (None, Some(status)) if status != "Complete" => Ok(answer(&status, Statistics::default())),
        // It runs, or nobody has its rows any more.
        _ => {
            let running = queries.begin(&ctx.cloud, LogQuery::clone(&query));
            Ok(answer(running.status(), running.seen()))
        }
    }
}

fn shown(row: &Row) -> Vec<ResultField> {
    let cell = |(field, value): &(String, String)| ResultField {
        field: Some(field.clone()),
        value: Some(value.clone()),
    };
    row.iter().map(cell).collect()
}

fn statistics(seen: Statistics, groups: usize) -> QueryStatistics {
    QueryStatistics {
        records_matched: Some(seen.records_matched as f64),
        records_scanned: Some(seen.records_scanned as f64),
        bytes_scanned: Some(seen.bytes_scanned as f64),
        estimated_bytes_skipped: Some(0.0),
        estimated_records_skipped: Some(0.0),
        log_groups_scanned: Some(groups as f64),
        ..Default::default()
    }
}
