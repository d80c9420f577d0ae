//! DeleteApplication: it goes with its deployment groups. One that is not there is no error.

use neargate_api::model::codedeploy::{Application, DeploymentGroup};
use neargate_api::types::codedeploy::{DeleteApplicationInput, DeleteApplicationOutput};
use neargate_api::{AwsError, Ctx, Record};

pub async fn call(
    ctx: Ctx,
    input: DeleteApplicationInput,
) -> Result<DeleteApplicationOutput, AwsError> {
    let (region, name) = (ctx.region.clone(), input.application_name);
    ctx.write(move |tx| {
        let prefix = DeploymentGroup::prefix(&region, &name);
        let groups = tx.view().scan::<DeploymentGroup>(&prefix).map(|group| group.key());
        for key in groups.collect::<Vec<_>>() {
            tx.delete::<DeploymentGroup>(&key);
        }
        tx.delete::<Application>(&Application::key_of(&region, &name));
        Ok(DeleteApplicationOutput {})
    })
    .await
}
