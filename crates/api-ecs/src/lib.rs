//! Amazon ECS: a folder per resource, a file per operation. The operations
//! write what is wanted; `reconcile` makes it so.

mod account_setting;
mod capacity_provider;
mod cluster;
mod container_instance;
pub mod exec;
mod failure;
mod pages;
mod pass_role;
mod service;
pub mod spot;
mod tags;
mod task;
mod task_definition;

use neargate_api::model::ecs::Task;
use neargate_api::types::ecs;
use neargate_api::{Service, Snapshot};

/// A task as DescribeTasks shows it, without its tags: also what is told of it elsewhere.
pub fn shown_task(snapshot: &Snapshot, task: &Task) -> ecs::Task {
    task::shown(snapshot, task, false)
}

pub use task::execute_command::container as container_of;

/// The service with all its operations.
pub fn service() -> Service {
    let service = Service::new(&ecs::SERVICE).inert(|snapshot| {
        let mut found = service::inert::inert(snapshot);
        found.extend(task_definition::inert::inert(snapshot));
        found
    });
    let service = clusters(service);
    let service = task_definitions(service);
    let service = services(service);
    let service = tasks(service);
    service
        .op_on::<ecs::TagResource, _>(tags::resource, tags::tag)
        .op_on::<ecs::UntagResource, _>(tags::resource_untag, tags::untag)
        .op_on::<ecs::ListTagsForResource, _>(tags::resource_list, tags::list)
        .op::<ecs::ListAccountSettings, _>(account_setting::list)
        .op::<ecs::PutAccountSetting, _>(account_setting::put)
        .op::<ecs::PutAccountSettingDefault, _>(account_setting::put_default)
        .op::<ecs::DeleteAccountSetting, _>(account_setting::delete)
        .op::<ecs::ListContainerInstances, _>(container_instance::list)
        .op::<ecs::DescribeContainerInstances, _>(container_instance::describe)
}

fn clusters(service: Service) -> Service {
    service
        .op::<ecs::CreateCluster, _>(cluster::create::call)
        .op_on::<ecs::DeleteCluster, _>(
            |ctx, i| cluster::arn(ctx, Some(&i.cluster)),
            cluster::delete::call,
        )
        .op::<ecs::DescribeClusters, _>(cluster::describe::call)
        .op::<ecs::ListClusters, _>(cluster::list::call)
        .op_on::<ecs::UpdateCluster, _>(
            |ctx, i| cluster::arn(ctx, Some(&i.cluster)),
            cluster::update::call,
        )
        .op_on::<ecs::UpdateClusterSettings, _>(
            |ctx, i| cluster::arn(ctx, Some(&i.cluster)),
            cluster::update_settings::call,
        )
        .op_on::<ecs::PutClusterCapacityProviders, _>(
            |ctx, i| cluster::arn(ctx, Some(&i.cluster)),
            cluster::put_capacity_providers::call,
        )
        .op::<ecs::DescribeCapacityProviders, _>(capacity_provider::describe)
}

fn task_definitions(service: Service) -> Service {
    service
        .op::<ecs::RegisterTaskDefinition, _>(task_definition::register::call)
        .op::<ecs::DeregisterTaskDefinition, _>(task_definition::deregister::call)
        .op::<ecs::DescribeTaskDefinition, _>(task_definition::describe::call)
        .op::<ecs::ListTaskDefinitions, _>(task_definition::list::call)
        .op::<ecs::ListTaskDefinitionFamilies, _>(task_definition::families::call)
        .op::<ecs::DeleteTaskDefinitions, _>(task_definition::delete::call)
}

fn services(service: Service) -> Service {
    let arn = |ctx: &neargate_api::Ctx, cluster: &Option<String>, name: &str| {
        service::arn(ctx, cluster.as_deref(), name)
    };
    service
        .op_on::<ecs::CreateService, _>(
            move |c, i| arn(c, &i.cluster, &i.service_name),
            service::create::call,
        )
        .op_on::<ecs::DeleteService, _>(
            move |c, i| arn(c, &i.cluster, &i.service),
            service::delete::call,
        )
        .op_on::<ecs::UpdateService, _>(
            move |c, i| arn(c, &i.cluster, &i.service),
            service::update::call,
        )
        .op::<ecs::DescribeServices, _>(service::describe::call)
        .op::<ecs::ListServices, _>(service::list::call)
        .op::<ecs::ListServiceDeployments, _>(service::deployments::list)
        .op::<ecs::DescribeServiceDeployments, _>(service::deployments::describe)
        .op_on::<ecs::StopServiceDeployment, _>(
            |_, input| input.service_deployment_arn.clone(),
            service::deployments::stop::call,
        )
        .op::<ecs::DescribeServiceRevisions, _>(service::revisions::describe)
        .op::<ecs::DescribeTaskSets, _>(service::task_sets::describe)
}

fn tasks(service: Service) -> Service {
    service
        .op::<ecs::RunTask, _>(task::run::call)
        .op::<ecs::StartTask, _>(task::start::call)
        .op::<ecs::StopTask, _>(task::stop::call)
        .op::<ecs::DescribeTasks, _>(task::describe::call)
        .op::<ecs::ListTasks, _>(task::list::call)
        .op::<ecs::UpdateTaskProtection, _>(task::protection::update)
        .op::<ecs::GetTaskProtection, _>(task::protection::get)
        .op::<ecs::ExecuteCommand, _>(task::execute_command::call)
}

#[cfg(test)]
mod tests;
