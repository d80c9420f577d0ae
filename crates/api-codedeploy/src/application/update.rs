//! UpdateApplication: another name, which its deployment groups follow.

use neargate_api::model::codedeploy::{Application, Deployment, DeploymentGroup};
use neargate_api::types::codedeploy::{UpdateApplicationInput, UpdateApplicationOutput, error};
use neargate_api::{AwsError, Ctx, Record, Tx};

use super::{check_name, find};

pub async fn call(
    ctx: Ctx,
    input: UpdateApplicationInput,
) -> Result<UpdateApplicationOutput, AwsError> {
    let old = input.application_name.ok_or_else(|| {
        error::application_name_required_exception("The application name was not specified.")
    })?;
    let Some(new) = input.new_application_name.filter(|new| *new != old) else {
        find(&ctx.snapshot(), &ctx.region, &old)?;
        return Ok(UpdateApplicationOutput {});
    };
    check_name(&new)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let mut application = Application::clone(&*find(tx.view(), &region, &old)?);
        tx.delete::<Application>(&application.key());
        application.name = new.clone();
        application.shown.application_name = Some(new.clone());
        tx.insert(application).map_err(|_| {
            error::application_already_exists_exception(format!(
                "Application already exists: {new}"
            ))
        })?;
        follow(tx, &region, &old, &new);
        Ok(UpdateApplicationOutput {})
    })
    .await
}

fn follow(tx: &mut Tx, region: &str, old: &str, new: &str) {
    let prefix = DeploymentGroup::prefix(region, old);
    let groups: Vec<_> = tx.view().scan::<DeploymentGroup>(&prefix).collect();
    for group in groups {
        tx.delete::<DeploymentGroup>(&group.key());
        let mut group = DeploymentGroup::clone(&group);
        group.application = new.to_owned();
        group.shown.application_name = Some(new.to_owned());
        tx.put(group);
    }
    let deployments = tx.view().scan::<Deployment>(&format!("{region}/"));
    let own: Vec<_> = deployments.filter(|d| d.application == old).map(|d| d.key()).collect();
    for key in own {
        tx.update::<Deployment>(&key, |deployment| deployment.application = new.to_owned());
    }
}
