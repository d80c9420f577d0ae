//! CreateMultipartUpload.

use neargate_api::AwsError;
use neargate_api::model::s3::Upload;

use crate::answer::{self, Answer};
use crate::object;
use crate::service::Call;
use crate::xml::Writer;

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:PutObject")?.name.clone();
    let key = call.key()?.to_owned();
    object::check_key(&key)?;
    let upload = Upload {
        bucket: bucket.clone(),
        key: key.clone(),
        id: call.ctx.rng().letters(64),
        initiated_at: call.ctx.now,
        headers: object::headers(call)?,
        tags: object::header_tags(call)?,
        parts: Default::default(),
    };
    let mut writer = Writer::new("InitiateMultipartUploadResult");
    writer.text("Bucket", &bucket).text("Key", &key).text("UploadId", &upload.id);
    call.ctx
        .write(move |tx| {
            tx.put(upload);
            Ok(())
        })
        .await?;
    Ok(answer::xml(writer.finish()))
}
