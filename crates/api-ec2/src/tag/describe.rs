//! DescribeTags: every tag of every resource.

use neargate_api::model::ec2::Tagging;
use neargate_api::types::ec2::{DescribeTagsRequest, DescribeTagsResult, Tag, TagDescription};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};
use crate::resource::all;

/// A tag, with an id to list it by: resource and key.
#[derive(Clone)]
struct Row {
    id: Option<String>,
    tag: TagDescription,
    own: Option<Vec<Tag>>,
}

const FIELDS: &[Field<Row>] = &[
    ("key", |row| one(&row.tag.key)),
    ("resource-id", |row| one(&row.tag.resource_id)),
    ("resource-type", |row| one(&row.tag.resource_type)),
    ("value", |row| one(&row.tag.value)),
];

const LISTING: Listing<Row> = Listing {
    fields: FIELDS,
    id: |row| &row.id,
    tags: |row| &row.own,
    not_found: |id| error::of("InvalidID", format!("The ID '{id}' is not valid")),
};

pub async fn call(ctx: Ctx, input: DescribeTagsRequest) -> Result<DescribeTagsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let mut rows = Vec::new();
    for tagging in all::<Tagging>(&snapshot, &ctx.region) {
        for (key, value) in &tagging.tags {
            let tag = TagDescription {
                key: Some(key.clone()),
                value: Some(value.clone()),
                resource_id: Some(tagging.resource_id.clone()),
                resource_type: Some(tagging.resource_type.clone()),
            };
            let own = Tag { key: Some(key.clone()), value: Some(value.clone()) };
            rows.push(Row {
                id: Some(format!("{}/{key}", tagging.resource_id)),
                tag,
                own: Some(vec![own]),
            });
        }
    }
    let page = LISTING.page(
        rows,
        Asked {
            ids: None,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeTagsResult {
        tags: Some(page.items.into_iter().map(|row| row.tag).collect()),
        next_token: page.next_token,
    })
}
