//! AWS Systems Manager: Parameter Store (values by name and version, plain or secure), and
//! of Session Manager what sessions of ECS Exec need.

mod encryption;
mod parameter;
pub mod session;
mod tags;

use neargate_api::Service;
use neargate_api::types::ssm;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&ssm::SERVICE)
        .op_on::<ssm::PutParameter, _>(|c, i| parameter::arn(c, &i.name), parameter::put::call)
        .op_on::<ssm::GetParameter, _>(|c, i| parameter::arn(c, &i.name), parameter::get::call)
        .op_open::<ssm::GetParameters, _>(parameter::get_many::call)
        .op_on::<ssm::DeleteParameter, _>(
            |c, i| parameter::arn(c, &i.name),
            parameter::delete::call,
        )
        .op::<ssm::DescribeParameters, _>(parameter::describe::call)
        .op_on::<ssm::AddTagsToResource, _>(|c, i| parameter::arn(c, &i.resource_id), tags::add)
        .op_on::<ssm::RemoveTagsFromResource, _>(
            |c, i| parameter::arn(c, &i.resource_id),
            tags::remove,
        )
        .op_on::<ssm::ListTagsForResource, _>(|c, i| parameter::arn(c, &i.resource_id), tags::list)
        .op_on::<ssm::ResumeSession, _>(
            |c, i| session::arn(c, &i.session_id),
            session::resume::call,
        )
        .op_on::<ssm::TerminateSession, _>(
            |c, i| session::arn(c, &i.session_id),
            session::terminate::call,
        )
}

#[cfg(test)]
mod tests;
