//! DeleteObject: a version, or, where the bucket keeps versions, a marker.

use neargate_api::model::s3::{Bucket, Object, Versioning};
use neargate_api::{AwsError, Ctx, Record, Tx};

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::{error, object};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let id = call.target.query.get("versionId").map(str::to_owned);
    let action = if id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
    let bucket = call.permit(action)?.name.clone();
    let key = call.key()?.to_owned();
    let ctx = call.ctx.clone();
    let deleted = call.ctx.write(move |tx| delete(tx, &ctx, &bucket, &key, id.as_deref())).await?;
    let mut done = answer::no_content();
    if let Some(id) = &deleted.version_id {
        done = answer::with(done, "x-amz-version-id", id);
    }
    if deleted.marker {
        done = answer::with(done, "x-amz-delete-marker", "true");
    }
    Ok(done)
}

/// What a deletion did.
#[derive(Clone, Debug, Default)]
pub struct Deleted {
    /// The version that was deleted, or the marker that was made.
    pub version_id: Option<String>,
    /// Whether that is a delete marker.
    pub marker: bool,
}

/// Deletes a key or one version of it. What is not there counts as deleted.
pub fn delete(
    tx: &mut Tx,
    ctx: &Ctx,
    bucket: &str,
    key: &str,
    id: Option<&str>,
) -> Result<Deleted, AwsError> {
    if let Some(id) = id {
        let mut deleted = Deleted { version_id: Some(id.to_owned()), ..Deleted::default() };
        if let Some(found) = object::version(tx.view(), bucket, key, id) {
            deleted.marker = found.content.is_none();
            tx.delete::<Object>(&found.key());
        }
        return Ok(deleted);
    }
    let versioning = tx.get::<Bucket>(bucket).map(|bucket| bucket.versioning);
    if versioning.ok_or_else(|| error::no_such_bucket(bucket))? == Versioning::Off {
        if let Some(found) = object::version(tx.view(), bucket, key, "null") {
            tx.delete::<Object>(&found.key());
        }
        return Ok(Deleted::default());
    }
    let marker = object::put_version(tx, ctx, bucket, key, None)?;
    Ok(Deleted { version_id: Some(marker.version_id), marker: true })
}
