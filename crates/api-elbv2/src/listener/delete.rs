//! DeleteListener: it goes with its rules.

use neargate_api::types::elbv2::{DeleteListenerInput, DeleteListenerOutput};
use neargate_api::{AwsError, Ctx};

use crate::listener;

pub async fn call(ctx: Ctx, input: DeleteListenerInput) -> Result<DeleteListenerOutput, AwsError> {
    ctx.write(move |tx| {
        listener::find(tx, &input.listener_arn)?;
        listener::remove(tx, &input.listener_arn);
        Ok(())
    })
    .await?;
    Ok(DeleteListenerOutput {})
}
