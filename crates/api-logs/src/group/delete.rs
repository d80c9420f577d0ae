//! DeleteLogGroup: the lines first, then all that is known of the group, so
//! that a later group of the same name inherits nothing.

use neargate_api::model::logs::{
    LogGroup, LogStream, MetricFilter, MetricFilterPlace, ResourcePolicy,
};
use neargate_api::types::logs::{DeleteLogGroupOutput, DeleteLogGroupRequest, error};
use neargate_api::{AwsError, Ctx, Record, Tx};
use neargate_loglines::LogLines;

use crate::{event, group};

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: DeleteLogGroupRequest,
) -> Result<DeleteLogGroupOutput, AwsError> {
    let found = group::find(&ctx, &ctx.snapshot(), &input.log_group_name)?;
    refuse_protected(&found)?;
    lines.delete_group(&found.lines_key()).await.map_err(event::failed)?;
    ctx.write(move |tx| {
        let found = tx.get::<LogGroup>(&found.key()).ok_or_else(group::not_found)?;
        refuse_protected(&found)?;
        let children = found.children();
        delete_all::<LogStream>(tx, &children);
        delete_all::<MetricFilter>(tx, &children);
        tx.delete::<ResourcePolicy>(&ResourcePolicy::key_of(&found.region, &found.arn));
        tx.delete::<MetricFilterPlace>(&found.key());
        tx.delete::<LogGroup>(&found.key());
        Ok(())
    })
    .await?;
    Ok(DeleteLogGroupOutput {})
}

fn refuse_protected(group: &LogGroup) -> Result<(), AwsError> {
    if group.deletion_protection {
        return Err(error::validation_exception(
            "The log group has deletion protection enabled. Disable it with \
             PutLogGroupDeletionProtection before you delete the log group.",
        ));
    }
    Ok(())
}

fn delete_all<R: Record>(tx: &mut Tx, prefix: &str) {
    let keys: Vec<String> = tx.scan::<R>(prefix).map(|record| record.key()).collect();
    for key in keys {
        tx.delete::<R>(&key);
    }
}
