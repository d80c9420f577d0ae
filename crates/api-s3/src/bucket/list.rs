//! ListBuckets.

use neargate_api::AwsError;
use neargate_api::model::s3::Bucket;
use neargate_api::page;

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::xml::Writer;
use crate::{bucket, error};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    call.authorize("s3:ListAllMyBuckets", "*", None)?;
    let query = &call.target.query;
    let prefix = query.get("prefix").unwrap_or_default();
    let limit = query.number("max-buckets")?.unwrap_or(10_000).clamp(1, 10_000);
    let snapshot = call.ctx.snapshot();
    let found = snapshot
        .scan::<Bucket>(prefix)
        .filter(|b| query.get("bucket-region").is_none_or(|region| region == b.region));
    let token = query.get("continuation-token");
    let page = page(found, |b| b.name.clone(), token, limit as usize)
        .ok_or_else(|| error::invalid_argument("The continuation token provided is incorrect"))?;
    let mut writer = Writer::new("ListAllMyBucketsResult");
    bucket::write_owner(call, &mut writer);
    writer.open("Buckets");
    for bucket in &page.items {
        writer
            .open("Bucket")
            .text("Name", &bucket.name)
            .text("CreationDate", bucket.created_at.iso8601())
            .text("BucketRegion", &bucket.region)
            .text("BucketArn", format!("arn:aws:s3:::{}", bucket.name))
            .close();
    }
    writer.close();
    writer.optional("ContinuationToken", page.next_token.as_ref());
    writer.optional("Prefix", query.get("prefix"));
    Ok(answer::xml(writer.finish()))
}
