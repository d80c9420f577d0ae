//! CreateTags: adds tags to any resources, in place of those with the same keys.

use neargate_api::model::ec2::{Tagging, key, tags_of};
use neargate_api::types::ec2::{CreateTagsOutput, CreateTagsRequest};
use neargate_api::{AwsError, Ctx};

use super::{read, within_limit};
use crate::error::{self, dry_run};
use crate::resource;

pub async fn call(ctx: Ctx, input: CreateTagsRequest) -> Result<CreateTagsOutput, AwsError> {
    dry_run(input.dry_run)?;
    let added = read(input.tags)?;
    if added.is_empty() {
        return Err(error::missing("Tags"));
    }
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        for id in input.resources {
            let resource_type = resource::type_of(tx, &region, &id)?;
            let mut tags = tags_of(tx, &region, &id);
            tags.extend(added.clone());
            within_limit(&tags)?;
            tx.delete::<Tagging>(&key(&region, &id));
            super::store(tx, &region, &id, resource_type, tags);
        }
        Ok(CreateTagsOutput {})
    })
    .await
}
