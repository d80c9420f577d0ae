//! Web ACLs: what their operations share.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use std::collections::BTreeSet;

use neargate_api::model::wafv2::WebAcl;
use neargate_api::types::wafv2::WebACL;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::{error, rule, scope};

/// The ARN of a web ACL.
pub fn resource(ctx: &Ctx, scope: &str, name: &str, id: &str) -> String {
    scope::arn(ctx, scope, "webacl", name, id)
}

/// Refuses a web ACL that AWS would refuse; gives its capacity.
fn check(snapshot: &Snapshot, acl: &WebACL) -> Result<i64, AwsError> {
    let default = &acl.default_action;
    if default.allow.is_some() == default.block.is_some() {
        return Err(error::invalid(
            "You must have exactly one default action.",
            "DEFAULT_ACTION",
            "DefaultAction",
        ));
    }
    let bodies: BTreeSet<&str> =
        acl.custom_response_bodies.iter().flatten().map(|(key, _)| key.as_str()).collect();
    if let Some(block) = &default.block {
        rule::check::block(block, &bodies)?;
    }
    let rules = acl.rules.as_deref().unwrap_or_default();
    rule::check::rules(snapshot, rules, &bodies)?;
    let capacity = rule::capacity::of_rules(rules);
    rule::capacity::check(capacity)?;
    Ok(capacity)
}

/// Whether a web ACL that is to be changed is the one that the caller has seen.
fn check_lock(found: &WebAcl, token: &str) -> Result<(), AwsError> {
    if found.lock_token == token { Ok(()) } else { Err(error::changed_since()) }
}
