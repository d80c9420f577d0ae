//! TerminateSession: its process is hung up on. As on AWS, one that has ended, or never
//! was, is no error.

use neargate_api::model::ssm::Session;
use neargate_api::types::ssm::{TerminateSessionRequest, TerminateSessionResponse};
use neargate_api::{AwsError, Ctx};

pub async fn call(
    ctx: Ctx,
    input: TerminateSessionRequest,
) -> Result<TerminateSessionResponse, AwsError> {
    let key = Session::key_of(&ctx.region, &input.session_id);
    let by = ctx.caller.arn(ctx.account());
    ctx.write(move |tx| {
        let goes_on = tx.get::<Session>(&key).is_some_and(|session| session.ended_at.is_none());
        if goes_on {
            tx.update::<Session>(&key, |session| {
                session.terminated_by.get_or_insert(by);
            });
        }
        Ok(())
    })
    .await?;
    Ok(TerminateSessionResponse { session_id: Some(input.session_id) })
}
