//! DescribeKey: also of AWS's own keys, which are made when they are first asked for.

use neargate_api::types::kms::{DescribeKeyRequest, DescribeKeyResponse};
use neargate_api::{AwsError, Ctx};

use crate::access::{self, Use};
use crate::key::{managed, material, shown};

pub async fn call(ctx: Ctx, input: DescribeKeyRequest) -> Result<DescribeKeyResponse, AwsError> {
    let key = managed::find_or_make(&ctx, &input.key_id).await?;
    access::allowed(&ctx, &key, &Use::plain("kms:DescribeKey"))?;
    let key = material::rotated(&ctx, key).await?;
    Ok(DescribeKeyResponse { key_metadata: Some(shown(&ctx, &key)) })
}
