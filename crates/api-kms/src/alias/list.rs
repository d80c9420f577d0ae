//! ListAliases: also those of AWS's own keys that are not made yet, which have no target.

use std::collections::BTreeMap;

use neargate_api::model::kms::Alias;
use neargate_api::types::kms::{AliasListEntry, ListAliasesRequest, ListAliasesResponse, error};
use neargate_api::{AwsError, Ctx, page};

use crate::key::{self, managed};

const PAGE: usize = 50;

pub async fn call(ctx: Ctx, input: ListAliasesRequest) -> Result<ListAliasesResponse, AwsError> {
    let of_key = input.key_id.map(|id| key::find(&ctx, &id)).transpose()?;
    let snapshot = ctx.snapshot();
    let mut all: BTreeMap<String, AliasListEntry> = BTreeMap::new();
    if of_key.is_none() {
        let names = managed::SERVICES.iter().map(|(service, _)| format!("alias/aws/{service}"));
        all.extend(names.map(|name| (name.clone(), unmade(&ctx, name))));
    }
    let made = snapshot
        .scan::<Alias>(&Alias::key_of(&ctx.region, ""))
        .filter(|alias| of_key.as_ref().is_none_or(|key| key.id == alias.target));
    all.extend(made.map(|alias| (alias.name.clone(), shown(&alias))));
    let limit = input.limit.map_or(PAGE, |n| n as usize);
    let page = page(all, |(name, _)| name.clone(), input.marker.as_deref(), limit)
        .ok_or_else(|| error::invalid_marker_exception("The marker is not valid."))?;
    Ok(ListAliasesResponse {
        aliases: Some(page.items.into_iter().map(|(_, entry)| entry).collect()),
        truncated: Some(page.next_token.is_some()),
        next_marker: page.next_token,
    })
}

fn unmade(ctx: &Ctx, name: String) -> AliasListEntry {
    AliasListEntry {
        alias_arn: Some(ctx.arn("kms", &*name)),
        alias_name: Some(name),
        ..AliasListEntry::default()
    }
}

fn shown(alias: &Alias) -> AliasListEntry {
    AliasListEntry {
        alias_name: Some(alias.name.clone()),
        alias_arn: Some(alias.arn.clone()),
        target_key_id: Some(alias.target.clone()),
        creation_date: Some(alias.created),
        last_updated_date: Some(alias.updated),
    }
}
