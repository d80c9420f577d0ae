//! ListGrants: of a key.

use std::sync::Arc;

use neargate_api::model::kms::Grant;
use neargate_api::types::kms::{GrantListEntry, ListGrantsRequest, ListGrantsResponse, error};
use neargate_api::{AwsError, Ctx, page};

use crate::key;

const PAGE: usize = 50;

pub async fn call(ctx: Ctx, input: ListGrantsRequest) -> Result<ListGrantsResponse, AwsError> {
    let key = key::permitted(&ctx, &input.key_id, "kms:ListGrants")?;
    let snapshot = ctx.snapshot();
    let grants = snapshot
        .scan::<Grant>(&Grant::key_of(&ctx.region, &key.id, ""))
        .filter(|grant| input.grant_id.as_ref().is_none_or(|id| *id == grant.id))
        .filter(|grant| {
            input.grantee_principal.is_none() || grant.grantee == input.grantee_principal
        })
        .filter(|_| input.grantee_service_principal.is_none());
    let limit = input.limit.map_or(PAGE, |n| n as usize);
    let page = page(grants, |grant: &Arc<Grant>| grant.id.clone(), input.marker.as_deref(), limit)
        .ok_or_else(|| error::invalid_marker_exception("The marker is not valid."))?;
    let shown = |grant: &Arc<Grant>| shown(&ctx, &key.arn, grant);
    Ok(ListGrantsResponse {
        grants: Some(page.items.iter().map(shown).collect()),
        truncated: Some(page.next_token.is_some()),
        next_marker: page.next_token,
    })
}

fn shown(ctx: &Ctx, key_arn: &str, grant: &Grant) -> GrantListEntry {
    GrantListEntry {
        key_id: Some(key_arn.to_owned()),
        grant_id: Some(grant.id.clone()),
        name: Some(grant.name.clone().unwrap_or_default()),
        creation_date: Some(grant.created),
        grantee_principal: grant.grantee.clone(),
        retiring_principal: grant.retiring.clone(),
        issuing_account: Some(format!("arn:aws:iam::{}:root", ctx.account())),
        operations: Some(grant.operations.clone()),
        constraints: grant.constraints.clone().map(|constraints| constraints.0),
        ..GrantListEntry::default()
    }
}
