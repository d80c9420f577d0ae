//! GetManagedPrefixListEntries.

use neargate_api::model::ec2::prefix_lists;
use neargate_api::types::ec2::{
    GetManagedPrefixListEntriesRequest, GetManagedPrefixListEntriesResult, PrefixListEntry,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::listing::{Asked, Listing};

const LISTING: Listing<PrefixListEntry> =
    Listing { fields: &[], id: |entry| &entry.cidr, tags: |_| &None, not_found: super::not_found };

pub async fn call(
    ctx: Ctx,
    input: GetManagedPrefixListEntriesRequest,
) -> Result<GetManagedPrefixListEntriesResult, AwsError> {
    dry_run(input.dry_run)?;
    let id = input.prefix_list_id;
    let list = prefix_lists(&ctx.region).into_iter().find(|list| list.id == id);
    let list = list.ok_or_else(|| super::not_found(&id))?;
    let entries = list
        .cidrs
        .iter()
        .map(|cidr| PrefixListEntry { cidr: Some(cidr.to_string()), description: None });
    let page = LISTING.page(
        entries,
        Asked { max_results: input.max_results, next_token: input.next_token, ..Asked::default() },
    )?;
    Ok(GetManagedPrefixListEntriesResult { entries: Some(page.items), next_token: page.next_token })
}
