//! DescribeManagedPrefixLists.

use neargate_api::model::ec2::prefix_lists;
use neargate_api::types::ec2::{
    DescribeManagedPrefixListsRequest, DescribeManagedPrefixListsResult, ManagedPrefixList,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};

const FIELDS: &[Field<ManagedPrefixList>] = &[
    ("owner-id", |list| one(&list.owner_id)),
    ("prefix-list-id", |list| one(&list.prefix_list_id)),
    ("prefix-list-name", |list| one(&list.prefix_list_name)),
];

const LISTING: Listing<ManagedPrefixList> = Listing {
    fields: FIELDS,
    id: |list| &list.prefix_list_id,
    tags: |list| &list.tags,
    not_found: super::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeManagedPrefixListsRequest,
) -> Result<DescribeManagedPrefixListsResult, AwsError> {
    dry_run(input.dry_run)?;
    let region = &ctx.region;
    let lists = prefix_lists(region).into_iter().map(|list| ManagedPrefixList {
        prefix_list_arn: Some(format!("arn:aws:ec2:{region}:aws:prefix-list/{}", list.id)),
        prefix_list_id: Some(list.id),
        prefix_list_name: Some(list.name),
        address_family: Some("IPv4".into()),
        owner_id: Some("AWS".into()),
        state: Some("create-complete".into()),
        tags: Some(Vec::new()),
        ..ManagedPrefixList::default()
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
    Ok(DescribeManagedPrefixListsResult {
        prefix_lists: Some(page.items),
        next_token: page.next_token,
    })
}
