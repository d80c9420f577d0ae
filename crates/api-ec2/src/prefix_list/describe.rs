//! DescribePrefixLists.

use neargate_api::model::ec2::prefix_lists;
use neargate_api::types::ec2::{DescribePrefixListsRequest, DescribePrefixListsResult, PrefixList};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};

const FIELDS: &[Field<PrefixList>] = &[
    ("prefix-list-id", |list| one(&list.prefix_list_id)),
    ("prefix-list-name", |list| one(&list.prefix_list_name)),
];

const LISTING: Listing<PrefixList> = Listing {
    fields: FIELDS,
    id: |list| &list.prefix_list_id,
    tags: |_| &None,
    not_found: super::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribePrefixListsRequest,
) -> Result<DescribePrefixListsResult, AwsError> {
    dry_run(input.dry_run)?;
    let lists = prefix_lists(&ctx.region).into_iter().map(|list| PrefixList {
        prefix_list_id: Some(list.id),
        prefix_list_name: Some(list.name),
        cidrs: Some(list.cidrs.iter().map(ToString::to_string).collect()),
    });
    let page = LISTING.page(
        lists,
        Asked {
            ids: input.prefix_list_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribePrefixListsResult { prefix_lists: Some(page.items), next_token: page.next_token })
}
