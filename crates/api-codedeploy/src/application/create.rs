//! CreateApplication.

use neargate_api::model::codedeploy::Application;
use neargate_api::types::codedeploy::{
    ApplicationInfo, CreateApplicationInput, CreateApplicationOutput, error,
};
use neargate_api::{AwsError, Ctx, Stored};

use super::check_name;
use crate::{platform, tags};

pub async fn call(
    ctx: Ctx,
    input: CreateApplicationInput,
) -> Result<CreateApplicationOutput, AwsError> {
    check_name(&input.application_name)?;
    platform::check(input.compute_platform.as_deref())?;
    let id = ctx.rng().uuid();
    let application = Application {
        region: ctx.region.clone(),
        name: input.application_name.clone(),
        tags: tags::read(input.tags)?,
        shown: Stored(ApplicationInfo {
            application_id: Some(id.clone()),
            application_name: Some(input.application_name),
            compute_platform: input.compute_platform,
            create_time: Some(ctx.now),
            linked_to_git_hub: Some(false),
            ..Default::default()
        }),
    };
    ctx.write(move |tx| {
        let name = application.name.clone();
        tx.insert(application).map_err(|_| {
            error::application_already_exists_exception(format!(
                "Application already exists: {name}"
            ))
        })?;
        Ok(CreateApplicationOutput { application_id: Some(id) })
    })
    .await
}
