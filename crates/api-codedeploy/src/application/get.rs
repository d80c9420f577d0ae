//! GetApplication and BatchGetApplications.

use neargate_api::model::codedeploy::Application;
use neargate_api::types::codedeploy::{
    BatchGetApplicationsInput, BatchGetApplicationsOutput, GetApplicationInput,
    GetApplicationOutput, error,
};
use neargate_api::{AwsError, Ctx};

use super::find;

/// Names that one call may ask for.
const BATCH_LIMIT: usize = 100;

pub async fn call(ctx: Ctx, input: GetApplicationInput) -> Result<GetApplicationOutput, AwsError> {
    let found = find(&ctx.snapshot(), &ctx.region, &input.application_name)?;
    Ok(GetApplicationOutput { application: Some(found.shown.0.clone()) })
}

/// Those that are not there are left out.
pub async fn batch(
    ctx: Ctx,
    input: BatchGetApplicationsInput,
) -> Result<BatchGetApplicationsOutput, AwsError> {
    if input.application_names.len() > BATCH_LIMIT {
        return Err(error::batch_limit_exceeded_exception(format!(
            "The maximum number of names or IDs allowed for this request ({BATCH_LIMIT}) was exceeded."
        )));
    }
    let snapshot = ctx.snapshot();
    let found = input.application_names.iter().filter_map(|name| {
        let application = snapshot.get::<Application>(&Application::key_of(&ctx.region, name))?;
        Some(application.shown.0.clone())
    });
    Ok(BatchGetApplicationsOutput { applications_info: Some(found.collect()) })
}
