//! WAFv2: a folder per resource, a file per operation. A web ACL that guards a
//! load balancer acts: `balancers` compiles its rules, and the load balancer
//! judges each request by them before its listener's rules. Rules that say what
//! nothing here can judge ([`why_inert`]) are passed over, and told as inert.

mod association;
mod error;
mod inert;
mod ip_set;
mod pages;
mod rule;
mod scope;
mod tags;
mod web_acl;

use neargate_api::Service;
use neargate_api::types::wafv2;

pub use inert::why_inert;

/// The service with all its operations.
pub fn service() -> Service {
    let service = Service::new(&wafv2::SERVICE).inert(inert::inert);
    associations(ip_sets(web_acls(service)))
        .op_on::<wafv2::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<wafv2::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<wafv2::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
}

fn web_acls(service: Service) -> Service {
    use web_acl::{create, delete, get, list, resource, update};
    service
        .op_on::<wafv2::CreateWebACL, _>(|c, i| resource(c, &i.scope, &i.name, "*"), create::call)
        .op_on::<wafv2::GetWebACL, _>(
            |c, i| match (&i.arn, &i.scope, &i.name, &i.id) {
                (Some(arn), ..) => arn.clone(),
                (None, Some(scope), Some(name), Some(id)) => resource(c, scope, name, id),
                _ => "*".to_owned(),
            },
            get::call,
        )
        .op_on::<wafv2::UpdateWebACL, _>(|c, i| resource(c, &i.scope, &i.name, &i.id), update::call)
        .op_on::<wafv2::DeleteWebACL, _>(|c, i| resource(c, &i.scope, &i.name, &i.id), delete::call)
        .op::<wafv2::ListWebACLs, _>(list::call)
        .op::<wafv2::CheckCapacity, _>(rule::capacity::call)
}

fn ip_sets(service: Service) -> Service {
    use ip_set::{create, delete, get, list, resource, update};
    service
        .op_on::<wafv2::CreateIPSet, _>(|c, i| resource(c, &i.scope, &i.name, "*"), create::call)
        .op_on::<wafv2::GetIPSet, _>(|c, i| resource(c, &i.scope, &i.name, &i.id), get::call)
        .op_on::<wafv2::UpdateIPSet, _>(|c, i| resource(c, &i.scope, &i.name, &i.id), update::call)
        .op_on::<wafv2::DeleteIPSet, _>(|c, i| resource(c, &i.scope, &i.name, &i.id), delete::call)
        .op::<wafv2::ListIPSets, _>(list::call)
}

fn associations(service: Service) -> Service {
    service
        .op_on::<wafv2::AssociateWebACL, _>(|_, i| i.web_acl_arn.clone(), association::associate)
        .op_on::<wafv2::DisassociateWebACL, _>(
            |_, i| i.resource_arn.clone(),
            association::disassociate,
        )
        .op_on::<wafv2::GetWebACLForResource, _>(|_, i| i.resource_arn.clone(), association::get)
        .op_on::<wafv2::ListResourcesForWebACL, _>(|_, i| i.web_acl_arn.clone(), association::list)
}

#[cfg(test)]
mod tests;
