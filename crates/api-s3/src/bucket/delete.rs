//! DeleteBucket: one that has no objects left, nor versions of them.

use neargate_api::AwsError;
use neargate_api::model::s3::{Bucket, Object, Upload};
use neargate_api::{Record, Tx};

use crate::answer::{self, Answer};
use crate::error;
use crate::service::Call;

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let name = call.permit("s3:DeleteBucket")?.name.clone();
    call.ctx
        .write(move |tx| {
            if tx.scan::<Object>(&format!("{name}/")).next().is_some() {
                return Err(not_empty(&name));
            }
            if tx.delete::<Bucket>(&name).is_none() {
                return Err(error::no_such_bucket(&name));
            }
            drop_uploads(tx, &name);
            Ok(())
        })
        .await?;
    Ok(answer::no_content())
}

fn not_empty(name: &str) -> AwsError {
    AwsError::new(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
        .with("BucketName", name)
}

/// Uploads that were never completed do not hold a bucket.
fn drop_uploads(tx: &mut Tx, bucket: &str) {
    let keys: Vec<String> =
        tx.scan::<Upload>(&format!("{bucket}/")).map(|upload| upload.key()).collect();
    for key in keys {
        tx.delete::<Upload>(&key);
    }
}
