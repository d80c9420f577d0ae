//! HeadBucket: whether it is there, and where.

use neargate_api::AwsError;

use crate::answer::{self, Answer};
use crate::service::Call;

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:ListBucket")?;
    let answer = answer::with(answer::ok(), "x-amz-bucket-region", &bucket.region);
    let answer = answer::with(answer, "x-amz-bucket-arn", format!("arn:aws:s3:::{}", bucket.name));
    Ok(answer::with(answer, "x-amz-access-point-alias", "false"))
}
