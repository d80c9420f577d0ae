//! DeleteFlowLogs: those that are not there are told in the answer.

use neargate_api::model::ec2::{FlowLog, key};
use neargate_api::types::ec2::{
    DeleteFlowLogsRequest, DeleteFlowLogsResult, UnsuccessfulItem, UnsuccessfulItemError,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::resource::find;
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: DeleteFlowLogsRequest,
) -> Result<DeleteFlowLogsResult, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let mut unsuccessful = Vec::new();
        for id in input.flow_log_ids {
            if let Err(missing) = find::<FlowLog>(tx, &region, &id) {
                unsuccessful.push(UnsuccessfulItem {
                    error: Some(UnsuccessfulItemError {
                        code: Some(missing.code),
                        message: Some(missing.message),
                    }),
                    resource_id: Some(id),
                });
                continue;
            }
            tx.delete::<FlowLog>(&key(&region, &id));
            tag::forget(tx, &region, &id);
        }
        Ok(DeleteFlowLogsResult { unsuccessful: Some(unsuccessful) })
    })
    .await
}
