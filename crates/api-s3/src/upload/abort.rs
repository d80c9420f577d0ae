//! AbortMultipartUpload.

use neargate_api::model::s3::Upload;
use neargate_api::{AwsError, Record};

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::{error, upload};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    call.permit("s3:AbortMultipartUpload")?;
    let key = upload::find(call, &call.ctx.snapshot())?.key();
    let id = upload::id(call)?.to_owned();
    call.ctx
        .write(move |tx| {
            tx.delete::<Upload>(&key).map(drop).ok_or_else(|| error::no_such_upload(&id))
        })
        .await?;
    Ok(answer::no_content())
}
