//! What has a say in a request: the policies of a role and of its session, and the
//! condition keys that Neargate can tell.

use std::collections::BTreeMap;

use neargate_api::model::iam::Role;
use neargate_api::{Caller, Question, Snapshot};
use neargate_authz::{Kind, Named, Policies, Policy, Principal, Request};

use crate::policy;

/// The condition keys that requests come with, in lower case; of `aws:principaltag/…`
/// there is one for each tag of the role. Conditions on others see the key as absent.
pub const SUPPLIED_KEYS: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:userid",
    "aws:viaawsservice",
    "iam:passedtoservice",
    "sts:externalid",
];

/// Policies, read, with what they are called.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    pub identity: Vec<(String, Policy)>,
    pub boundary: Option<(String, Policy)>,
    pub session: Option<Vec<(String, Policy)>>,
    pub resource: Option<Policy>,
}

impl Gathered {
    /// The role's own policies, those attached to it, and its boundary. All of them were
    /// checked when they came in.
    pub fn of_role(snapshot: &Snapshot, role: &Role) -> Self {
        let read = |name: &str, text: &str| {
            Policy::parse(text, Kind::Identity).ok().map(|policy| (name.to_owned(), policy))
        };
        let inline = role.inline_policies.iter().filter_map(|(name, text)| read(name, text));
        let attached = role
            .attached_policies
            .iter()
            .filter_map(|arn| read(arn, &policy::document(snapshot, arn)?));
        // A boundary that is no more allows nothing, rather than everything.
        let nothing =
            |arn: &str| (arn.to_owned(), Policy { has_variables: false, statements: Vec::new() });
        let boundary = role.permissions_boundary.as_deref().map(|arn| {
            policy::document(snapshot, arn)
                .and_then(|text| read(arn, &text))
                .unwrap_or_else(|| nothing(arn))
        });
        Gathered { identity: inline.chain(attached).collect(), boundary, ..Gathered::default() }
    }

    /// Adds the policies that the session was limited to, where there are any.
    pub fn limit_to_session(&mut self, caller: &Caller) {
        let Caller::Role { session_policies, .. } = caller else { return };
        if session_policies.is_empty() {
            return;
        }
        let read = |text: &String| Policy::parse(text, Kind::Identity).ok();
        let policies = session_policies.iter().filter_map(read);
        self.session = Some(policies.map(|policy| ("session".to_owned(), policy)).collect());
    }

    pub fn policies(&self) -> Policies<'_> {
        let named = |(name, policy)| Named { name, policy };
        Policies {
            identity: self.identity.iter().map(|(n, p)| named((n.as_str(), p))).collect(),
            boundary: self.boundary.as_ref().map(|(n, p)| named((n.as_str(), p))),
            session: self
                .session
                .as_ref()
                .map(|list| list.iter().map(|(n, p)| named((n.as_str(), p))).collect()),
            resource: self.resource.as_ref().map(|p| named(("resource", p))),
            resource_must_allow: false,
        }
    }
}

/// The account in an ARN.
pub fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// The ARN of a session of a role.
pub fn session_arn(role: &Role, session_name: &str) -> String {
    format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", account_of(&role.arn), role.name)
}

/// A session's request.
pub fn request(role: &Role, caller: &Caller, asked: &Question<'_>) -> Request {
    let account = account_of(&role.arn);
    let session_name = match caller {
        Caller::Role { session_name, .. } => session_name.as_str(),
        Caller::Operator => "",
    };
    let mut context = context(asked);
    let mut set = |key: &str, value: String| {
        context.entry(key.to_owned()).or_insert_with(|| vec![value]);
    };
    set("aws:principalarn", role.arn.clone());
    set("aws:principalaccount", account.to_owned());
    set("aws:principaltype", "AssumedRole".into());
    set("aws:principalisawsservice", "false".into());
    set("aws:userid", format!("{}:{session_name}", role.role_id));
    set("aws:resourceaccount", account.to_owned());
    for (key, value) in &role.tags {
        set(&format!("aws:principaltag/{}", key.to_ascii_lowercase()), value.clone());
    }
    Request {
        principal: Principal::Session {
            account: account.to_owned(),
            role_arn: role.arn.clone(),
            session_arn: session_arn(role, session_name),
        },
        action: asked.action.to_owned(),
        resource: asked.resource.to_owned(),
        context,
    }
}

/// The operator's request, as the account's root.
pub fn operator_request(account: &str, asked: &Question<'_>) -> Request {
    let mut context = context(asked);
    context.insert("aws:principalarn".into(), vec![format!("arn:aws:iam::{account}:root")]);
    context.insert("aws:principalaccount".into(), vec![account.to_owned()]);
    context.insert("aws:principaltype".into(), vec!["Account".into()]);
    Request {
        principal: Principal::Root { account: account.to_owned() },
        action: asked.action.to_owned(),
        resource: asked.resource.to_owned(),
        context,
    }
}

/// The condition keys of any request.
pub fn context(asked: &Question<'_>) -> BTreeMap<String, Vec<String>> {
    let mut context = BTreeMap::from([
        ("aws:currenttime".to_owned(), vec![asked.now.iso8601_secs()]),
        ("aws:epochtime".to_owned(), vec![asked.now.secs().to_string()]),
        ("aws:requestedregion".to_owned(), vec![asked.region.to_owned()]),
        // The port stands for AWS's HTTPS endpoints: a policy that keeps plain HTTP out there
        // must let the same calls in here.
        ("aws:securetransport".to_owned(), vec!["true".to_owned()]),
        ("aws:viaawsservice".to_owned(), vec!["false".to_owned()]),
    ]);
    for (key, value) in asked.context {
        context.entry(key.to_ascii_lowercase()).or_default().push(value.clone());
    }
    context
}
