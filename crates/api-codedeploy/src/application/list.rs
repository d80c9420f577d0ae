//! ListApplications.

use neargate_api::model::codedeploy::Application;
use neargate_api::types::codedeploy::{ListApplicationsInput, ListApplicationsOutput};
use neargate_api::{AwsError, Ctx};

use crate::pages;

pub async fn call(
    ctx: Ctx,
    input: ListApplicationsInput,
) -> Result<ListApplicationsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let names =
        snapshot.scan::<Application>(&format!("{}/", ctx.region)).map(|found| found.name.clone());
    let page = pages::of(names, String::clone, input.next_token.as_deref())?;
    Ok(ListApplicationsOutput { applications: Some(page.items), next_token: page.next_token })
}
