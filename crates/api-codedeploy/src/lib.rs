//! CodeDeploy, for services of ECS: applications, deployment groups, deployment
//! configurations, and the deployments that `reconcile` carries out. There are no
//! servers here to deploy to, and no functions: other compute platforms are refused.

mod application;
mod deployment;
mod deployment_config;
mod deployment_group;
mod inert;
mod pages;
mod platform;
mod tags;

use neargate_api::types::codedeploy;
use neargate_api::{Ctx, Service};

/// The service with all its operations.
pub fn service() -> Service {
    let service = Service::new(&codedeploy::SERVICE).inert(inert::inert);
    let service = applications(service);
    let service = deployment_groups(service);
    let service = deployment_configs(service);
    let service = deployments(service);
    service
        .op_on::<codedeploy::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<codedeploy::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<codedeploy::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
}

fn applications(service: Service) -> Service {
    let arn = |ctx: &Ctx, name: &str| application::arn(ctx, name);
    service
        .op_on::<codedeploy::CreateApplication, _>(
            move |c, i| arn(c, &i.application_name),
            application::create::call,
        )
        .op_on::<codedeploy::DeleteApplication, _>(
            move |c, i| arn(c, &i.application_name),
            application::delete::call,
        )
        .op_on::<codedeploy::GetApplication, _>(
            move |c, i| arn(c, &i.application_name),
            application::get::call,
        )
        .op::<codedeploy::BatchGetApplications, _>(application::get::batch)
        .op::<codedeploy::ListApplications, _>(application::list::call)
        .op_on::<codedeploy::UpdateApplication, _>(
            move |c, i| arn(c, i.application_name.as_deref().unwrap_or_default()),
            application::update::call,
        )
}

fn deployment_groups(service: Service) -> Service {
    let arn =
        |ctx: &Ctx, application: &str, name: &str| deployment_group::arn(ctx, application, name);
    service
        .op_on::<codedeploy::CreateDeploymentGroup, _>(
            move |c, i| arn(c, &i.application_name, &i.deployment_group_name),
            deployment_group::create::call,
        )
        .op_on::<codedeploy::DeleteDeploymentGroup, _>(
            move |c, i| arn(c, &i.application_name, &i.deployment_group_name),
            deployment_group::delete::call,
        )
        .op_on::<codedeploy::GetDeploymentGroup, _>(
            move |c, i| arn(c, &i.application_name, &i.deployment_group_name),
            deployment_group::get::call,
        )
        .op::<codedeploy::BatchGetDeploymentGroups, _>(deployment_group::get::batch)
        .op_on::<codedeploy::ListDeploymentGroups, _>(
            |c, i| application::arn(c, &i.application_name),
            deployment_group::list::call,
        )
        .op_on::<codedeploy::UpdateDeploymentGroup, _>(
            move |c, i| arn(c, &i.application_name, &i.current_deployment_group_name),
            deployment_group::update::call,
        )
}

fn deployment_configs(service: Service) -> Service {
    let arn = |ctx: &Ctx, name: &str| ctx.arn("codedeploy", format!("deploymentconfig:{name}"));
    service
        .op_on::<codedeploy::CreateDeploymentConfig, _>(
            move |c, i| arn(c, &i.deployment_config_name),
            deployment_config::create::call,
        )
        .op_on::<codedeploy::DeleteDeploymentConfig, _>(
            move |c, i| arn(c, &i.deployment_config_name),
            deployment_config::delete::call,
        )
        .op_on::<codedeploy::GetDeploymentConfig, _>(
            move |c, i| arn(c, &i.deployment_config_name),
            deployment_config::get::call,
        )
        .op::<codedeploy::ListDeploymentConfigs, _>(deployment_config::list::call)
}

fn deployments(service: Service) -> Service {
    let of = |ctx: &Ctx, id: &str| deployment::group_arn(ctx, id);
    service
        .op_on::<codedeploy::CreateDeployment, _>(
            |c, i| {
                let group = i.deployment_group_name.as_deref().unwrap_or("*");
                deployment_group::arn(c, &i.application_name, group)
            },
            deployment::create::call,
        )
        .op_on::<codedeploy::StopDeployment, _>(
            move |c, i| of(c, &i.deployment_id),
            deployment::stop::call,
        )
        .op_on::<codedeploy::ContinueDeployment, _>(
            move |c, i| of(c, i.deployment_id.as_deref().unwrap_or_default()),
            deployment::proceed::call,
        )
        .op_on::<codedeploy::GetDeployment, _>(
            move |c, i| of(c, &i.deployment_id),
            deployment::get::call,
        )
        .op::<codedeploy::BatchGetDeployments, _>(deployment::get::batch)
        .op::<codedeploy::ListDeployments, _>(deployment::list::call)
        .op_on::<codedeploy::GetDeploymentTarget, _>(
            move |c, i| of(c, &i.deployment_id),
            deployment::targets::get,
        )
        .op_on::<codedeploy::BatchGetDeploymentTargets, _>(
            move |c, i| of(c, &i.deployment_id),
            deployment::targets::batch,
        )
        .op_on::<codedeploy::ListDeploymentTargets, _>(
            move |c, i| of(c, &i.deployment_id),
            deployment::targets::list,
        )
}

#[cfg(test)]
mod tests;
