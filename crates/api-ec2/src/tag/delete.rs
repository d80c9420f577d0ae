//! DeleteTags: removes tags from any resources. Those that a resource does not
//! have are no error; with a value, only a tag of that value goes; without any
//! tag at all, all of them go.

use neargate_api::model::ec2::{key, tags_of};
use neargate_api::types::ec2::{DeleteTagsOutput, DeleteTagsRequest, Tag};
use neargate_api::{AwsError, Ctx, Tags};

use crate::error::dry_run;
use crate::resource;

pub async fn call(ctx: Ctx, input: DeleteTagsRequest) -> Result<DeleteTagsOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        for id in &input.resources {
            let resource_type = resource::type_of(tx, &region, id)?;
            let tags = without(tags_of(tx, &region, id), input.tags.as_deref());
            tx.delete::<neargate_api::model::ec2::Tagging>(&key(&region, id));
            super::store(tx, &region, id, resource_type, tags);
        }
        Ok(DeleteTagsOutput {})
    })
    .await
}

fn without(mut tags: Tags, removed: Option<&[Tag]>) -> Tags {
    let Some(removed) = removed else { return Tags::new() };
    tags.retain(|key, value| {
        !removed.iter().any(|tag| {
            tag.key.as_ref() == Some(key) && tag.value.as_ref().is_none_or(|wanted| wanted == value)
        })
    });
    tags
}
