//! ListDeploymentConfigs: AWS's and one's own, by name.

use std::collections::BTreeSet;

use neargate_api::model::codedeploy::DeploymentConfig;
use neargate_api::types::codedeploy::{ListDeploymentConfigsInput, ListDeploymentConfigsOutput};
use neargate_api::{AwsError, Ctx};

use super::predefined;
use crate::pages;

pub async fn call(
    ctx: Ctx,
    input: ListDeploymentConfigsInput,
) -> Result<ListDeploymentConfigsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let own = snapshot.scan::<DeploymentConfig>(&format!("{}/", ctx.region));
    let mut names: BTreeSet<String> = own.map(|config| config.name.clone()).collect();
    names.extend(predefined::NAMES.map(str::to_owned));
    let page = pages::of(names, String::clone, input.next_token.as_deref())?;
    Ok(ListDeploymentConfigsOutput {
        deployment_configs_list: Some(page.items),
        next_token: page.next_token,
    })
}
