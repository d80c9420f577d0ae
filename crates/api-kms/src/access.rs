//! Who may use a key, and whether it can be used at all: for KMS's own operations, and for
//! the services that encrypt with a customer's key in the caller's name.

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::model::iam::Role;
use neargate_api::model::kms::{Grant, Key, State};
use neargate_api::types::kms::{GrantConstraints, error};
use neargate_api::{AwsError, Caller, Ctx, Question, Snapshot};

use crate::key;

/// What somebody wants of a key.
pub struct Use<'a> {
    /// `kms:Decrypt`
    pub action: &'a str,
    pub context: &'a BTreeMap<String, String>,
    /// The service in between: `secretsmanager`.
    pub via: Option<&'a str>,
}

impl<'a> Use<'a> {
    /// For what is not cryptography.
    pub fn plain(action: &'a str) -> Self {
        static NOTHING: BTreeMap<String, String> = BTreeMap::new();
        Use { action, context: &NOTHING, via: None }
    }
}

/// Why a service cannot use a key for its caller.
#[derive(Clone, Debug)]
pub enum Unusable {
    /// There is no such key, or it is disabled or about to be deleted.
    Unavailable(AwsError),
    /// The caller may not.
    Denied(AwsError),
}

/// Whether the caller can use `key_id` through the service `wanted.via`.
pub fn lend(ctx: &Ctx, key_id: &str, wanted: &Use<'_>) -> Result<Arc<Key>, Unusable> {
    let key = key::find(ctx, key_id).map_err(Unusable::Unavailable)?;
    enabled(&key).map_err(Unusable::Unavailable)?;
    allowed(ctx, &key, wanted).map_err(Unusable::Denied)?;
    Ok(key)
}

/// Whether a key is in a state to encrypt and decrypt.
pub fn enabled(key: &Key) -> Result<(), AwsError> {
    match key.state {
        State::Enabled => Ok(()),
        State::Disabled => Err(error::disabled_exception(format!("{} is disabled.", key.arn))),
        State::PendingDeletion { .. } => Err(pending_deletion(key)),
    }
}

pub fn pending_deletion(key: &Key) -> AwsError {
    error::kms_invalid_state_exception(format!("{} is pending deletion.", key.arn))
}

/// Whether the caller may: by a grant, or by the key's policy and the caller's own.
pub fn allowed(ctx: &Ctx, key: &Key, wanted: &Use<'_>) -> Result<(), AwsError> {
    let snapshot = ctx.snapshot();
    let operation = wanted.action.strip_prefix("kms:").unwrap_or(wanted.action);
    let prefix = Grant::key_of(&key.region, &key.id, "");
    let granted = snapshot.scan::<Grant>(&prefix).any(|grant| {
        grant.operations.iter().any(|granted| granted == operation)
            && fits(grant.constraints.as_deref(), wanted.context)
            && grant.grantee.as_deref().is_some_and(|arn| is_caller(ctx, &snapshot, arn))
    });
    if granted {
        return Ok(());
    }
    let via = wanted.via.map(|service| format!("{service}.{}.amazonaws.com", ctx.region));
    let mut context = vec![("kms:calleraccount", ctx.account().to_owned())];
    context.extend(via.map(|via| ("kms:viaservice", via)));
    let keys: Vec<(String, String)> = wanted
        .context
        .iter()
        .map(|(name, value)| {
            (format!("kms:encryptioncontext:{}", name.to_lowercase()), value.clone())
        })
        .collect();
    context.extend(keys.iter().map(|(name, value)| (name.as_str(), value.clone())));
    ctx.authorize_with(&Question {
        resource_policy: Some(&key.policy),
        context: &context,
        ..Question::new(wanted.action, &key.arn, &ctx.region, ctx.now)
    })
}

/// Whether an ARN in a grant means the caller.
pub fn is_caller(ctx: &Ctx, snapshot: &Snapshot, arn: &str) -> bool {
    if arn == ctx.caller.arn(ctx.account()) {
        return true;
    }
    let Caller::Role { role_name, .. } = &ctx.caller else { return false };
    snapshot.get::<Role>(role_name).is_some_and(|role| role.arn == arn)
}

fn fits(constraints: Option<&GrantConstraints>, context: &BTreeMap<String, String>) -> bool {
    let Some(constraints) = constraints else { return true };
    let equal = constraints.encryption_context_equals.as_ref().is_none_or(|c| c == context);
    let subset = constraints
        .encryption_context_subset
        .as_ref()
        .is_none_or(|wanted| wanted.iter().all(|(name, value)| context.get(name) == Some(value)));
    equal && subset && constraints.source_arn.is_none()
}
