//! GetParameters: those that are there, and the names of those that are not. The caller
//! must be allowed to have each.

use neargate_api::types::ssm::{GetParametersRequest, GetParametersResult};
use neargate_api::{AwsError, Ctx};

use crate::parameter::{arn, get};

pub async fn call(ctx: Ctx, input: GetParametersRequest) -> Result<GetParametersResult, AwsError> {
    for name in &input.names {
        ctx.authorize("ssm:GetParameters", &arn(&ctx, name))?;
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in input.names {
        match get::read(&ctx, &name, input.with_decryption == Some(true)) {
            Ok(parameter) => found.push(parameter),
            Err(why) if why.code.starts_with("Parameter") => missing.push(name),
            Err(why) => return Err(why),
        }
    }
    Ok(GetParametersResult { parameters: Some(found), invalid_parameters: Some(missing) })
}
