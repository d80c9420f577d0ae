//! Who asks, and what for.

use std::collections::BTreeMap;

use crate::decide::ResourceGrant;
use crate::policy::Principals;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The account itself.
    Root { account: String },
    /// A role's session.
    Session { account: String, role_arn: String, session_arn: String },
    /// A service of AWS: `ecs-tasks.amazonaws.com`.
    Service { name: String },
}

/// One request, as policies see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub principal: Principal,
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// Condition keys, in lower case, with their values.
    pub context: BTreeMap<String, Vec<String>>,
}

impl Request {
    /// The value of a variable: keys of several values have none.
    pub(crate) fn variable(&self, key: &str) -> Option<String> {
        match self.context.get(key)?.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }
}

impl Principal {
    /// What a statement that names `principals` grants to this one; `None` when it is
    /// not about this one.
    pub(crate) fn named_in(&self, principals: &Principals) -> Option<ResourceGrant> {
        let best = |list: &[(String, String)]| {
            list.iter().filter_map(|(of, value)| self.named_by(of, value)).max()
        };
        match principals {
            Principals::These(list) => best(list),
            Principals::AllBut(list) => best(list).is_none().then_some(ResourceGrant::Direct),
        }
    }

    fn named_by(&self, of: &str, value: &str) -> Option<ResourceGrant> {
        if value == "*" && of == "AWS" {
            return Some(ResourceGrant::Direct);
        }
        let is_account =
            |account: &str| value == account || value == format!("arn:aws:iam::{account}:root");
        match self {
            Principal::Service { name } => (of == "Service" && value.eq_ignore_ascii_case(name))
                .then_some(ResourceGrant::Direct),
            Principal::Root { account } => {
                (of == "AWS" && is_account(account)).then_some(ResourceGrant::Direct)
            }
            Principal::Session { account, role_arn, session_arn } if of == "AWS" => {
                if value == session_arn {
                    Some(ResourceGrant::Session)
                } else if value == role_arn {
                    Some(ResourceGrant::Direct)
                } else if is_account(account) {
                    Some(ResourceGrant::Delegated)
                } else {
                    None
                }
            }
            Principal::Session { .. } => None,
        }
    }
}
