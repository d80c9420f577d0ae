//! IAM and STS: a folder per resource, a file per operation; and [`Iam`], which
//! answers for the whole cloud who a key belongs to and what its holder may do.
//!
//! The decisions are `authz`'s. This crate keeps the roles and policies, gathers
//! what has a say in a request, and seals sessions in their tokens.

mod account;
mod attachment;
mod aws_managed;
mod document;
mod identity;
mod inert;
mod pages;
mod policy;
mod role;
mod role_policy;
mod service_linked_role;
mod simulate;
mod sts;
mod tags;

pub use identity::{Iam, OpenError, OperatorKey};
pub use service_linked_role::create::ensure as ensure_linked_role;

use neargate_api::Service;
use neargate_api::types::{iam, sts as wire};

/// IAM and STS with all their operations.
pub fn services() -> Vec<Service> {
    vec![iam_service(), sts_service()]
}

fn iam_service() -> Service {
    let service = Service::new(&iam::SERVICE).inert(inert::inert);
    let service = roles(service);
    let service = role_policies(service);
    let service = policies(service);
    service
        .op::<iam::CreateServiceLinkedRole, _>(service_linked_role::create::call)
        .op_on::<iam::DeleteServiceLinkedRole, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            service_linked_role::delete::call,
        )
        .op::<iam::GetServiceLinkedRoleDeletionStatus, _>(service_linked_role::delete::status)
        .op::<iam::ListAccountAliases, _>(account::aliases)
        .op::<iam::GetAccountSummary, _>(account::summary)
        .op_on::<iam::SimulatePrincipalPolicy, _>(
            |_, i| i.policy_source_arn.clone(),
            simulate::principal,
        )
        .op::<iam::SimulateCustomPolicy, _>(simulate::custom)
}

fn roles(service: Service) -> Service {
    service
        .op_on::<iam::CreateRole, _>(
            |ctx, i| role::new_arn(ctx, i.path.as_deref(), &i.role_name),
            role::create::call,
        )
        .op_on::<iam::DeleteRole, _>(|ctx, i| role::arn(ctx, &i.role_name), role::delete::call)
        .op_on::<iam::GetRole, _>(|ctx, i| role::arn(ctx, &i.role_name), role::get::call)
        .op::<iam::ListRoles, _>(role::list::call)
        .op_on::<iam::UpdateRole, _>(|ctx, i| role::arn(ctx, &i.role_name), role::update::call)
        .op_on::<iam::UpdateRoleDescription, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role::update::description,
        )
        .op_on::<iam::UpdateAssumeRolePolicy, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role::update::trust_policy,
        )
        .op_on::<iam::PutRolePermissionsBoundary, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role::boundary::put,
        )
        .op_on::<iam::DeleteRolePermissionsBoundary, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role::boundary::delete,
        )
        .op_on::<iam::TagRole, _>(|ctx, i| role::arn(ctx, &i.role_name), role::tag::tag)
        .op_on::<iam::UntagRole, _>(|ctx, i| role::arn(ctx, &i.role_name), role::tag::untag)
        .op_on::<iam::ListRoleTags, _>(|ctx, i| role::arn(ctx, &i.role_name), role::tag::list)
        .op_on::<iam::ListInstanceProfilesForRole, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role::list::instance_profiles,
        )
}

fn role_policies(service: Service) -> Service {
    service
        .op_on::<iam::PutRolePolicy, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role_policy::put::call,
        )
        .op_on::<iam::GetRolePolicy, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role_policy::get::call,
        )
        .op_on::<iam::DeleteRolePolicy, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role_policy::delete::call,
        )
        .op_on::<iam::ListRolePolicies, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            role_policy::list::call,
        )
        .op_on::<iam::AttachRolePolicy, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            attachment::attach::call,
        )
        .op_on::<iam::DetachRolePolicy, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            attachment::detach::call,
        )
        .op_on::<iam::ListAttachedRolePolicies, _>(
            |ctx, i| role::arn(ctx, &i.role_name),
            attachment::list::of_role,
        )
        .op_on::<iam::ListEntitiesForPolicy, _>(
            |_, i| i.policy_arn.clone(),
            attachment::list::of_policy,
        )
}

fn policies(service: Service) -> Service {
    service
        .op_on::<iam::CreatePolicy, _>(
            |ctx, i| policy::new_arn(ctx, i.path.as_deref(), &i.policy_name),
            policy::create::call,
        )
        .op_on::<iam::DeletePolicy, _>(|_, i| i.policy_arn.clone(), policy::delete::call)
        .op_on::<iam::GetPolicy, _>(|_, i| i.policy_arn.clone(), policy::get::call)
        .op::<iam::ListPolicies, _>(policy::list::call)
        .op_on::<iam::CreatePolicyVersion, _>(|_, i| i.policy_arn.clone(), policy::version::create)
        .op_on::<iam::DeletePolicyVersion, _>(|_, i| i.policy_arn.clone(), policy::version::delete)
        .op_on::<iam::GetPolicyVersion, _>(|_, i| i.policy_arn.clone(), policy::version::get)
        .op_on::<iam::ListPolicyVersions, _>(|_, i| i.policy_arn.clone(), policy::version::list)
        .op_on::<iam::SetDefaultPolicyVersion, _>(
            |_, i| i.policy_arn.clone(),
            policy::version::set_default,
        )
        .op_on::<iam::TagPolicy, _>(|_, i| i.policy_arn.clone(), policy::tag::tag)
        .op_on::<iam::UntagPolicy, _>(|_, i| i.policy_arn.clone(), policy::tag::untag)
        .op_on::<iam::ListPolicyTags, _>(|_, i| i.policy_arn.clone(), policy::tag::list)
}

fn sts_service() -> Service {
    Service::new(&wire::SERVICE)
        .op_open::<wire::GetCallerIdentity, _>(sts::caller_identity::call)
        .op_open::<wire::AssumeRole, _>(sts::assume_role::call)
        .op_open::<wire::GetSessionToken, _>(sts::session_token::call)
}

#[cfg(test)]
mod tests;
