//! DeleteTargetGroup: one that nothing forwards to goes with its targets. One
//! that is not there is no error, as on AWS.

use neargate_api::model::elbv2::{Target, TargetGroup, is_in_use, targets_of};
use neargate_api::types::elbv2::{DeleteTargetGroupInput, DeleteTargetGroupOutput, error};
use neargate_api::{AwsError, Ctx, Record};

pub async fn call(
    ctx: Ctx,
    input: DeleteTargetGroupInput,
) -> Result<DeleteTargetGroupOutput, AwsError> {
    let arn = input.target_group_arn;
    ctx.write(move |tx| {
        if is_in_use(tx, &arn) {
            return Err(error::resource_in_use_exception(format!(
                "Target group '{arn}' is currently in use by a listener or a rule"
            )));
        }
        let targets: Vec<String> = targets_of(tx, &arn).map(|target| target.key()).collect();
        for target in targets {
            tx.delete::<Target>(&target);
        }
        tx.delete::<TargetGroup>(&arn);
        Ok(())
    })
    .await?;
    Ok(DeleteTargetGroupOutput {})
}
