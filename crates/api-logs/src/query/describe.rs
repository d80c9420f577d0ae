//! DescribeQueries: those of the last days, the latest first.

use neargate_api::model::logs::LogQuery;
use neargate_api::types::logs::{DescribeQueriesRequest, DescribeQueriesResponse, QueryInfo};
use neargate_api::{AwsError, Ctx, Record};

use super::{Queries, check_language};
use crate::pages;

pub async fn call(
    ctx: Ctx,
    queries: Queries,
    input: DescribeQueriesRequest,
) -> Result<DescribeQueriesResponse, AwsError> {
    check_language(input.query_language.as_deref())?;
    let snapshot = ctx.snapshot();
    let shown = |query: &LogQuery| info(&queries, query);
    let is_asked = |query: &LogQuery| {
        input.log_group_name.as_ref().is_none_or(|group| query.groups.contains(group))
            && input
                .status
                .as_ref()
                .is_none_or(|status| shown(query).status.as_ref() == Some(status))
    };
    let all = snapshot.scan::<LogQuery>(&LogQuery::key_of(&ctx.region, ""));
    let mut found: Vec<_> = all.filter(|query| is_asked(query)).collect();
    let key = |query: &std::sync::Arc<LogQuery>| {
        pages::descending(&format!("{:020}{}", query.created_ms.max(0), query.id))
    };
    found.sort_by_cached_key(key);
    let page = pages::of(found, key, input.next_token.as_deref(), input.max_results)?;
    Ok(DescribeQueriesResponse {
        queries: Some(page.items.iter().map(|query| shown(query)).collect()),
        next_token: page.next_token,
    })
}

fn info(queries: &Queries, query: &LogQuery) -> QueryInfo {
    let running = queries.known().running.get(&query.key()).map(|running| running.status());
    let ended = query.ended.as_ref();
    let status = ended.map(|ended| ended.status.as_str()).or(running).unwrap_or("Scheduled");
    QueryInfo {
        query_id: Some(query.id.clone()),
        query_string: Some(query.query.clone()),
        query_language: Some("CWLI".into()),
        status: Some(status.to_owned()),
        create_time: Some(query.created_ms),
        log_group_name: query.groups.first().cloned(),
        query_duration: ended.map(|ended| ended.took_ms),
        bytes_scanned: ended.map(|ended| ended.bytes_scanned as f64),
        user_identity: Some(query.asked_by.clone()),
    }
}
