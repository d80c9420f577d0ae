//! Elastic Load Balancing: Application Load Balancers, their listeners and
//! rules, target groups and targets. The operations write what is wanted; the
//! balancer's loop makes it so, and writes the health of targets.
//!
//! Network and Gateway Load Balancers, targets by instance and Lambda targets
//! are refused: see [`refused`].

mod access_logs;
mod account_limit;
mod action;
mod attributes;
mod condition;
mod inert;
mod listener;
mod load_balancer;
mod name;
mod pages;
mod rule;
mod ssl_policy;
mod tags;
mod target;
mod target_group;

pub use access_logs::Destination;
use neargate_api::types::elbv2::{self, error};
use neargate_api::{AwsError, Service};

/// The service with all its operations.
pub fn service() -> Service {
    let service = Service::new(&elbv2::SERVICE).inert(inert::inert);
    let service = load_balancers(service);
    let service = listeners(service);
    let service = rules(service);
    let service = target_groups(service);
    service
        .op_on::<elbv2::AddTags, _>(|_, i| tags::resource(&i.resource_arns), tags::add)
        .op_on::<elbv2::RemoveTags, _>(|_, i| tags::resource(&i.resource_arns), tags::remove)
        .op::<elbv2::DescribeTags, _>(tags::describe)
        .op::<elbv2::DescribeSSLPolicies, _>(ssl_policy::describe)
        .op::<elbv2::DescribeAccountLimits, _>(account_limit::describe)
}

fn load_balancers(service: Service) -> Service {
    service
        .op::<elbv2::CreateLoadBalancer, _>(load_balancer::create::call)
        .op_on::<elbv2::DeleteLoadBalancer, _>(
            |_, i| i.load_balancer_arn.clone(),
            load_balancer::delete::call,
        )
        .op::<elbv2::DescribeLoadBalancers, _>(load_balancer::describe::call)
        .op::<elbv2::DescribeLoadBalancerAttributes, _>(load_balancer::attributes::describe)
        .op_on::<elbv2::ModifyLoadBalancerAttributes, _>(
            |_, i| i.load_balancer_arn.clone(),
            load_balancer::attributes::modify,
        )
        .op_on::<elbv2::SetSecurityGroups, _>(
            |_, i| i.load_balancer_arn.clone(),
            load_balancer::set_security_groups::call,
        )
        .op_on::<elbv2::SetSubnets, _>(
            |_, i| i.load_balancer_arn.clone(),
            load_balancer::set_subnets::call,
        )
        .op_on::<elbv2::SetIpAddressType, _>(
            |_, i| i.load_balancer_arn.clone(),
            load_balancer::set_ip_address_type::call,
        )
        .op::<elbv2::DescribeCapacityReservation, _>(load_balancer::capacity::describe)
}

fn listeners(service: Service) -> Service {
    service
        .op_on::<elbv2::CreateListener, _>(
            |_, i| i.load_balancer_arn.clone(),
            listener::create::call,
        )
        .op_on::<elbv2::DeleteListener, _>(|_, i| i.listener_arn.clone(), listener::delete::call)
        .op::<elbv2::DescribeListeners, _>(listener::describe::call)
        .op_on::<elbv2::ModifyListener, _>(|_, i| i.listener_arn.clone(), listener::modify::call)
        .op::<elbv2::DescribeListenerAttributes, _>(listener::attributes::describe)
        .op_on::<elbv2::ModifyListenerAttributes, _>(
            |_, i| i.listener_arn.clone(),
            listener::attributes::modify,
        )
        .op_on::<elbv2::AddListenerCertificates, _>(
            |_, i| i.listener_arn.clone(),
            listener::certificates::add,
        )
        .op_on::<elbv2::RemoveListenerCertificates, _>(
            |_, i| i.listener_arn.clone(),
            listener::certificates::remove,
        )
        .op::<elbv2::DescribeListenerCertificates, _>(listener::certificates::describe)
}

fn rules(service: Service) -> Service {
    service
        .op_on::<elbv2::CreateRule, _>(|_, i| i.listener_arn.clone(), rule::create::call)
        .op_on::<elbv2::DeleteRule, _>(|_, i| i.rule_arn.clone(), rule::delete::call)
        .op::<elbv2::DescribeRules, _>(rule::describe::call)
        .op_on::<elbv2::ModifyRule, _>(|_, i| i.rule_arn.clone(), rule::modify::call)
        .op::<elbv2::SetRulePriorities, _>(rule::set_priorities::call)
}

fn target_groups(service: Service) -> Service {
    service
        .op::<elbv2::CreateTargetGroup, _>(target_group::create::call)
        .op_on::<elbv2::DeleteTargetGroup, _>(
            |_, i| i.target_group_arn.clone(),
            target_group::delete::call,
        )
        .op::<elbv2::DescribeTargetGroups, _>(target_group::describe::call)
        .op_on::<elbv2::ModifyTargetGroup, _>(
            |_, i| i.target_group_arn.clone(),
            target_group::modify::call,
        )
        .op::<elbv2::DescribeTargetGroupAttributes, _>(target_group::attributes::describe)
        .op_on::<elbv2::ModifyTargetGroupAttributes, _>(
            |_, i| i.target_group_arn.clone(),
            target_group::attributes::modify,
        )
        .op_on::<elbv2::RegisterTargets, _>(
            |_, i| i.target_group_arn.clone(),
            target::register::call,
        )
        .op_on::<elbv2::DeregisterTargets, _>(
            |_, i| i.target_group_arn.clone(),
            target::deregister::call,
        )
        .op::<elbv2::DescribeTargetHealth, _>(target::health::call)
}

/// A value that AWS does not take either.
fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ValidationError", message)
}

/// What AWS has and Neargate has not: refused, as it would be silently wrong.
fn refused(message: impl Into<String>) -> AwsError {
    error::operation_not_permitted_exception(message)
}

#[cfg(test)]
mod tests;
