//! GetSessionToken: the operator's temporary credentials. A session cannot get another
//! one in this way.

use neargate_api::types::sts::{GetSessionTokenRequest, GetSessionTokenResponse};
use neargate_api::{AwsError, Caller, Ctx};

/// A root user's sessions last an hour at most, and an hour unless told.
const ROOT_SECONDS: i32 = 3600;

pub async fn call(
    ctx: Ctx,
    input: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, AwsError> {
    let denied = |message| Err(AwsError::new(403, "AccessDenied", message));
    if ctx.caller != Caller::Operator {
        return denied("Cannot call GetSessionToken with session credentials");
    }
    if input.serial_number.is_some() || input.token_code.is_some() {
        return denied("MultiFactorAuthentication failed with invalid MFA one time pass code.");
    }
    let seconds = input.duration_seconds.unwrap_or(ROOT_SECONDS).min(ROOT_SECONDS);
    let expires_at = ctx.cloud.clock.wall().plus_secs(i64::from(seconds));
    let session = ctx.cloud.identity.operator_session(expires_at);
    Ok(GetSessionTokenResponse {
        credentials: Some(super::shown(&session)),
        ..GetSessionTokenResponse::default()
    })
}
