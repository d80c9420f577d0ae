//! Whether a resource's own policies let a service of AWS have an action on it: where the
//! service has no role to take, they alone decide, as AWS has it.

use std::collections::BTreeMap;

use neargate_api::Timestamp;
use neargate_authz::{Kind, Named, Policies, Policy, Principal, Request, Verdict, decide};

/// Which service asks, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct OnBehalf<'a> {
    /// `events.amazonaws.com`
    pub service: &'a str,
    /// The rule, or the alarm.
    pub source_arn: &'a str,
    pub account: &'a str,
    pub now: Timestamp,
}

/// Whether one of the policies allows, and none denies.
pub fn granted<'a>(
    documents: impl IntoIterator<Item = &'a str>,
    by: OnBehalf<'_>,
    action: &str,
    resource: &str,
) -> bool {
    let service = Principal::Service { name: by.service.to_owned() };
    granted_to(service, documents, by, action, resource)
}

/// The same for the account that the service asks for: the policies that AWS makes by itself
/// name the owner, and its services with that.
pub fn granted_to_owner<'a>(
    documents: impl IntoIterator<Item = &'a str>,
    by: OnBehalf<'_>,
    action: &str,
    resource: &str,
) -> bool {
    let owner = Principal::Root { account: by.account.to_owned() };
    granted_to(owner, documents, by, action, resource)
}

fn granted_to<'a>(
    principal: Principal,
    documents: impl IntoIterator<Item = &'a str>,
    by: OnBehalf<'_>,
    action: &str,
    resource: &str,
) -> bool {
    let request = Request {
        principal,
        action: action.to_owned(),
        resource: resource.to_owned(),
        context: context(by),
    };
    let mut allowed = false;
    for document in documents {
        let Ok(policy) = Policy::parse(document, Kind::Resource) else { continue };
        let policies = Policies {
            resource: Some(Named { name: "resource", policy: &policy }),
            resource_must_allow: true,
            ..Policies::default()
        };
        match decide(&policies, &request).verdict {
            Verdict::Allowed => allowed = true,
            Verdict::ExplicitDeny(_) => return false,
            Verdict::ImplicitDeny(_) => {}
        }
    }
    allowed
}

fn context(by: OnBehalf<'_>) -> BTreeMap<String, Vec<String>> {
    let values = [
        ("aws:sourcearn", by.source_arn.to_owned()),
        ("aws:sourceaccount", by.account.to_owned()),
        ("aws:sourceowner", by.account.to_owned()),
        ("aws:principalisawsservice", "true".to_owned()),
        ("aws:principalservicename", by.service.to_owned()),
        ("aws:securetransport", "true".to_owned()),
        ("aws:currenttime", by.now.iso8601_secs()),
        ("aws:epochtime", by.now.secs().to_string()),
    ];
    values.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect()
}
