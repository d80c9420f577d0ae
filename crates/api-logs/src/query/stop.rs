//! StopQuery.

use std::sync::atomic::Ordering;

use neargate_api::model::logs::{EndedQuery, LogQuery};
use neargate_api::types::logs::{StopQueryRequest, StopQueryResponse, error};
use neargate_api::{AwsError, Ctx};

use super::{Queries, not_found};

pub async fn call(
    ctx: Ctx,
    queries: Queries,
    input: StopQueryRequest,
) -> Result<StopQueryResponse, AwsError> {
    let key = LogQuery::key_of(&ctx.region, &input.query_id);
    let id = input.query_id.clone();
    let ended = key.clone();
    ctx.write(move |tx| {
        let query = tx.get::<LogQuery>(&ended).ok_or_else(|| not_found(&id))?;
        if query.ended.is_some() {
            return Err(error::invalid_parameter_exception(format!(
                "Query with id {id} is not in a running state."
            )));
        }
        let cancelled = EndedQuery { status: "Cancelled".into(), took_ms: 0, bytes_scanned: 0 };
        tx.update::<LogQuery>(&ended, |query| query.ended = Some(cancelled));
        Ok(())
    })
    .await?;
    if let Some(running) = queries.known().running.get(&key) {
        running.cancelled.store(true, Ordering::Relaxed);
    }
    Ok(StopQueryResponse { success: Some(true) })
}
