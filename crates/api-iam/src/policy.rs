//! Managed policies: the customer's, and AWS's own, which nobody here can change.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod tag;
pub mod version;

use std::sync::Arc;

use neargate_api::model::iam::{ManagedPolicy, Role};
use neargate_api::types::iam::{self, error};
use neargate_api::{AwsError, Ctx, Snapshot, Timestamp, Tx};

use crate::aws_managed::{self, AwsManaged};
use crate::tags;

pub fn new_arn(ctx: &Ctx, path: Option<&str>, name: &str) -> String {
    format!("arn:aws:iam::{}:policy{}{name}", ctx.account(), path.unwrap_or("/"))
}

/// The path in a policy's ARN: `/service-role/`.
pub fn path_in(arn: &str) -> &str {
    let resource = arn.split_once(":policy").map_or("/", |(_, rest)| rest);
    resource.rfind('/').map_or("/", |end| &resource[..=end])
}

pub fn check_arn(arn: &str) -> Result<(), AwsError> {
    match arn.starts_with("arn:aws:iam::") && arn.contains(":policy/") {
        true => Ok(()),
        false => Err(error::invalid_input_exception(format!("ARN {arn} is not valid."))),
    }
}

pub fn not_found(arn: &str) -> AwsError {
    error::no_such_entity_exception(format!("Policy {arn} was not found."))
}

/// The document of a managed policy that acts, whoever keeps it.
pub fn document(snapshot: &Snapshot, arn: &str) -> Option<String> {
    match aws_managed::find(arn) {
        Some(policy) => Some(policy.document.to_owned()),
        None => snapshot.get::<ManagedPolicy>(arn).map(|policy| policy.document().to_owned()),
    }
}

/// A policy of the customer's.
pub fn find_own(snapshot: &Snapshot, arn: &str) -> Result<Arc<ManagedPolicy>, AwsError> {
    check_arn(arn)?;
    if arn.starts_with(aws_managed::PREFIX) {
        return Err(AwsError::new(
            403,
            "AccessDenied",
            format!("Policy {arn} is managed by AWS and cannot be changed."),
        ));
    }
    snapshot.get::<ManagedPolicy>(arn).ok_or_else(|| not_found(arn))
}

/// Changes a policy of the customer's.
pub fn change(
    tx: &mut Tx,
    arn: &str,
    change: impl FnOnce(&mut ManagedPolicy),
) -> Result<Arc<ManagedPolicy>, AwsError> {
    find_own(tx, arn)?;
    Ok(tx.update::<ManagedPolicy>(arn, change).expect("find_own has found it"))
}

/// A policy as GetPolicy shows it.
pub fn shown(snapshot: &Snapshot, arn: &str) -> Result<iam::Policy, AwsError> {
    check_arn(arn)?;
    if let Some(policy) = aws_managed::find(arn) {
        return Ok(shown_aws(snapshot, policy));
    }
    let policy = snapshot.get::<ManagedPolicy>(arn).ok_or_else(|| not_found(arn))?;
    Ok(shown_own(snapshot, &policy))
}

pub fn shown_own(snapshot: &Snapshot, policy: &ManagedPolicy) -> iam::Policy {
    iam::Policy {
        arn: Some(policy.arn.clone()),
        create_date: Some(policy.created_at),
        default_version_id: Some(format!("v{}", policy.default_version)),
        description: policy.description.clone().filter(|text| !text.is_empty()),
        path: Some(policy.path.clone()),
        policy_id: Some(policy.policy_id.clone()),
        policy_name: Some(policy.name.clone()),
        tags: Some(tags::shown(&policy.tags)),
        update_date: Some(policy.updated_at),
        ..used(snapshot, &policy.arn)
    }
}

pub fn shown_aws(snapshot: &Snapshot, policy: &AwsManaged) -> iam::Policy {
    iam::Policy {
        arn: Some(policy.arn()),
        create_date: Timestamp::parse_iso8601(policy.created_at),
        default_version_id: Some(policy.version.to_owned()),
        path: Some(policy.path.to_owned()),
        policy_id: Some(policy.policy_id()),
        policy_name: Some(policy.name.to_owned()),
        tags: Some(Vec::new()),
        update_date: Timestamp::parse_iso8601(policy.updated_at),
        ..used(snapshot, &policy.arn())
    }
}

/// How often a policy is in use.
fn used(snapshot: &Snapshot, arn: &str) -> iam::Policy {
    let count = |uses: &dyn Fn(&Role) -> bool| {
        i32::try_from(snapshot.all::<Role>().filter(|role| uses(role)).count()).ok()
    };
    iam::Policy {
        attachment_count: count(&|role| role.attached_policies.contains(arn)),
        permissions_boundary_usage_count: count(&|role| {
            role.permissions_boundary.as_deref() == Some(arn)
        }),
        is_attachable: Some(true),
        ..iam::Policy::default()
    }
}
