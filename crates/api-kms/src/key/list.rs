//! ListKeys: ids and ARNs, page by page.

use std::sync::Arc;

use neargate_api::model::kms::Key;
use neargate_api::types::kms::{KeyListEntry, ListKeysRequest, ListKeysResponse, error};
use neargate_api::{AwsError, Ctx, page};

const PAGE: usize = 100;

pub async fn call(ctx: Ctx, input: ListKeysRequest) -> Result<ListKeysResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let keys = snapshot.scan::<Key>(&Key::key_of(&ctx.region, "")).filter(|k| !k.is_gone(ctx.now));
    let limit = input.limit.map_or(PAGE, |n| n as usize);
    let page = page(keys, |key: &Arc<Key>| key.id.clone(), input.marker.as_deref(), limit)
        .ok_or_else(|| error::invalid_marker_exception("The marker is not valid."))?;
    let shown = |key: &Arc<Key>| KeyListEntry {
        key_id: Some(key.id.clone()),
        key_arn: Some(key.arn.clone()),
    };
    Ok(ListKeysResponse {
        keys: Some(page.items.iter().map(shown).collect()),
        truncated: Some(page.next_token.is_some()),
        next_marker: page.next_token,
    })
}
