//! ACLs of objects: always the owner's alone, as of buckets that enforce ownership.

use neargate_api::AwsError;

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::{bucket, object};

pub async fn get(call: &Call) -> Result<Answer, AwsError> {
    let found = call.permit("s3:GetObjectAcl")?;
    let id = call.target.query.get("versionId");
    object::find(&call.ctx.snapshot(), &found.name, call.key()?, id)?;
    Ok(answer::xml(bucket::private_acl(call)))
}

pub async fn put(call: &Call) -> Result<Answer, AwsError> {
    call.permit("s3:PutObjectAcl")?;
    match call.header("x-amz-acl") {
        Some("private" | "bucket-owner-full-control") => Ok(answer::ok()),
        _ => Err(AwsError::new(
            400,
            "AccessControlListNotSupported",
            "The bucket does not allow ACLs",
        )),
    }
}
