//! ResumeSession: a token for a client whose connection broke. One for a session that has
//! ended gets none, by which the plugin tells that it timed out.

use neargate_api::model::ssm::Session;
use neargate_api::types::ssm::{ResumeSessionRequest, ResumeSessionResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::session;

pub async fn call(
    ctx: Ctx,
    input: ResumeSessionRequest,
) -> Result<ResumeSessionResponse, AwsError> {
    let id = input.session_id;
    let found = ctx.snapshot().get::<Session>(&Session::key_of(&ctx.region, &id));
    let found = found.ok_or_else(|| {
        error::does_not_exist_exception(format!("The session {id} does not exist."))
    })?;
    let goes_on = found.ended_at.is_none() && found.terminated_by.is_none() && found.resumable;
    Ok(ResumeSessionResponse {
        token_value: goes_on.then(|| session::token(&ctx.cloud, &id)),
        stream_url: goes_on.then(|| session::stream_url(&ctx.cloud, &ctx.caller, &id)),
        session_id: Some(id),
    })
}
