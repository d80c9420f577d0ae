//! GetLogGroupFields: what fields the events of a quarter of an hour have, and how many of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use neargate_api::types::logs::{
    GetLogGroupFieldsRequest, GetLogGroupFieldsResponse, LogGroupField,
};
use neargate_api::{AwsError, Ctx};
use neargate_loglines::{LogLines, Scan};
use neargate_logquery::insights::{Line, all_fields};

use crate::{event, group};

/// Before the present, or on both sides of the time that is given.
const AROUND_MS: i64 = 15 * 60 * 1000;
const EITHER_SIDE_MS: i64 = 8 * 60 * 1000;

/// So many events are looked at.
const LOOKED_AT: usize = 10_000;

#[derive(Default)]
struct Seen {
    events: usize,
    fields: BTreeMap<String, usize>,
}

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: GetLogGroupFieldsRequest,
) -> Result<GetLogGroupFieldsResponse, AwsError> {
    let name = group::named(input.log_group_name, input.log_group_identifier)?;
    let key = group::find(&ctx, &ctx.snapshot(), &name)?.lines_key();
    let now_ms = ctx.now.millis();
    let scan = match input.time.map(|seconds| seconds.saturating_mul(1000)) {
        None => Scan { start_ms: now_ms - AROUND_MS, end_ms: now_ms + 1 },
        Some(at) => Scan { start_ms: at - EITHER_SIDE_MS, end_ms: at + EITHER_SIDE_MS },
    };
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let counting = seen.clone();
    let log: Arc<str> = format!("{}:{name}", ctx.account()).into();
    let visit = move |event: neargate_loglines::Scanned<'_>| {
        let mut seen = counting.lock().unwrap_or_else(PoisonError::into_inner);
        let line = Line {
            timestamp_ms: event.timestamp_ms(),
            ingestion_ms: event.ingestion_ms(),
            message: event.message().to_owned(),
            stream: event.stream.clone(),
            log: log.clone(),
            ptr: String::new(),
        };
        seen.events += 1;
        let names: BTreeSet<String> = all_fields(&line).into_iter().map(|(name, _)| name).collect();
        for name in names {
            *seen.fields.entry(name).or_default() += 1;
        }
        seen.events < LOOKED_AT
    };
    lines.scan(&key, scan, visit).await.map_err(event::failed)?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let field = |(name, count): (&String, &usize)| LogGroupField {
        name: Some(name.clone()),
        percent: Some((count * 100 / seen.events.max(1)) as i32),
    };
    let mut fields: Vec<LogGroupField> = seen.fields.iter().map(field).collect();
    fields.sort_by_key(|field| std::cmp::Reverse(field.percent));
    Ok(GetLogGroupFieldsResponse { log_group_fields: Some(fields) })
}
