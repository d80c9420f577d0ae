//! Whether a resource's own policies let EventBridge have an action on it: where
//! a target has no role, they alone decide, as AWS has it.

use std::collections::BTreeMap;

use neargate_api::Timestamp;
use neargate_api_events::PRINCIPAL;
use neargate_authz::{Kind, Named, Policies, Policy, Principal, Request, Verdict, decide};

/// For whom EventBridge asks.
#[derive(Clone, Copy, Debug)]
pub struct OnBehalf<'a> {
    pub rule_arn: &'a str,
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
    let request = Request {
        principal: Principal::Service { name: PRINCIPAL.to_owned() },
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
        ("aws:sourcearn", by.rule_arn.to_owned()),
        ("aws:sourceaccount", by.account.to_owned()),
        ("aws:principalisawsservice", "true".to_owned()),
        ("aws:principalservicename", PRINCIPAL.to_owned()),
        ("aws:securetransport", "true".to_owned()),
        ("aws:currenttime", by.now.iso8601_secs()),
        ("aws:epochtime", by.now.secs().to_string()),
    ];
    values.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect()
}
