//! The operations of RDS, for PostgreSQL: a folder per resource, a file per
//! operation. They write what is wanted; `neargate-databases` makes it so with
//! real servers.

mod certificate;
mod engine;
mod error;
mod event;
mod inert;
mod instance;
mod listing;
mod parameter_group;
pub mod password;
mod snapshot;
mod subnet_group;
mod tag;

use neargate_api::types::rds::{self, SERVICE};
use neargate_api::{Ctx, Service};

/// The ARN of a resource that policies grant on; names are lower case.
fn arn(ctx: &Ctx, kind: &str, name: &str) -> String {
    ctx.arn("rds", format!("{kind}:{}", name.to_ascii_lowercase()))
}

/// The service with its operations.
pub fn service() -> Service {
    let service = Service::new(&SERVICE).inert(inert::list);
    let service = instances(service);
    let service = snapshots(service);
    let service = subnet_groups(service);
    let service = parameter_groups(service);
    service
        .op::<rds::DescribeDBEngineVersions, _>(engine::describe_versions::call)
        .op::<rds::DescribeOrderableDBInstanceOptions, _>(engine::describe_orderable::call)
        .op::<rds::DescribeCertificates, _>(certificate::describe::call)
        .op::<rds::DescribeEvents, _>(event::describe::call)
        .op_on::<rds::AddTagsToResource, _>(|_, i| i.resource_name.clone(), tag::add::call)
        .op_on::<rds::RemoveTagsFromResource, _>(|_, i| i.resource_name.clone(), tag::remove::call)
        .op_on::<rds::ListTagsForResource, _>(|_, i| i.resource_name.clone(), tag::list::call)
}

fn instances(service: Service) -> Service {
    service
        .op_on::<rds::CreateDBInstance, _>(
            |c, i| arn(c, "db", &i.db_instance_identifier),
            instance::create::call,
        )
        .op_on::<rds::DeleteDBInstance, _>(
            |c, i| arn(c, "db", &i.db_instance_identifier),
            instance::delete::call,
        )
        .op_on::<rds::DescribeDBInstances, _>(
            |c, i| arn(c, "db", i.db_instance_identifier.as_deref().unwrap_or("*")),
            instance::describe::call,
        )
        .op_on::<rds::ModifyDBInstance, _>(
            |c, i| arn(c, "db", &i.db_instance_identifier),
            instance::modify::call,
        )
        .op_on::<rds::RebootDBInstance, _>(
            |c, i| arn(c, "db", &i.db_instance_identifier),
            instance::reboot::call,
        )
        .op_on::<rds::StartDBInstance, _>(
            |c, i| arn(c, "db", &i.db_instance_identifier),
            instance::start::call,
        )
        .op_on::<rds::StopDBInstance, _>(
            |c, i| arn(c, "db", &i.db_instance_identifier),
            instance::stop::call,
        )
}

fn snapshots(service: Service) -> Service {
    service
        .op_on::<rds::CreateDBSnapshot, _>(
            |c, i| arn(c, "snapshot", &i.db_snapshot_identifier),
            snapshot::create::call,
        )
        .op_on::<rds::DeleteDBSnapshot, _>(
            |c, i| arn(c, "snapshot", &i.db_snapshot_identifier),
            snapshot::delete::call,
        )
        .op_on::<rds::DescribeDBSnapshots, _>(
            |c, i| arn(c, "snapshot", i.db_snapshot_identifier.as_deref().unwrap_or("*")),
            snapshot::describe::call,
        )
}

fn subnet_groups(service: Service) -> Service {
    service
        .op_on::<rds::CreateDBSubnetGroup, _>(
            |c, i| arn(c, "subgrp", &i.db_subnet_group_name),
            subnet_group::create::call,
        )
        .op_on::<rds::DeleteDBSubnetGroup, _>(
            |c, i| arn(c, "subgrp", &i.db_subnet_group_name),
            subnet_group::delete::call,
        )
        .op_on::<rds::DescribeDBSubnetGroups, _>(
            |c, i| arn(c, "subgrp", i.db_subnet_group_name.as_deref().unwrap_or("*")),
            subnet_group::describe::call,
        )
        .op_on::<rds::ModifyDBSubnetGroup, _>(
            |c, i| arn(c, "subgrp", &i.db_subnet_group_name),
            subnet_group::modify::call,
        )
}

fn parameter_groups(service: Service) -> Service {
    service
        .op_on::<rds::CreateDBParameterGroup, _>(
            |c, i| arn(c, "pg", &i.db_parameter_group_name),
            parameter_group::create::call,
        )
        .op_on::<rds::DeleteDBParameterGroup, _>(
            |c, i| arn(c, "pg", &i.db_parameter_group_name),
            parameter_group::delete::call,
        )
        .op_on::<rds::DescribeDBParameterGroups, _>(
            |c, i| arn(c, "pg", i.db_parameter_group_name.as_deref().unwrap_or("*")),
            parameter_group::describe::call,
        )
        .op_on::<rds::DescribeDBParameters, _>(
            |c, i| arn(c, "pg", &i.db_parameter_group_name),
            parameter_group::describe_parameters::call,
        )
        .op_on::<rds::ModifyDBParameterGroup, _>(
            |c, i| arn(c, "pg", &i.db_parameter_group_name),
            parameter_group::modify::call,
        )
        .op_on::<rds::ResetDBParameterGroup, _>(
            |c, i| arn(c, "pg", &i.db_parameter_group_name),
            parameter_group::reset::call,
        )
}

#[cfg(test)]
mod tests;
