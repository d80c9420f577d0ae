//! Roles: what their operations share.

pub mod boundary;
pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod tag;
pub mod update;

use std::sync::Arc;

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{self, error};
use neargate_api::{AwsError, Ctx, Snapshot, Tx};

use crate::{document, tags};

/// The ARN of a role as policies see it: with its path when there is one of this name.
pub fn arn(ctx: &Ctx, name: &str) -> String {
    match ctx.snapshot().get::<Role>(name) {
        Some(role) => role.arn.clone(),
        None => new_arn(ctx, None, name),
    }
}

pub fn new_arn(ctx: &Ctx, path: Option<&str>, name: &str) -> String {
    format!("arn:aws:iam::{}:role{}{name}", ctx.account(), path.unwrap_or("/"))
}

pub fn find(snapshot: &Snapshot, name: &str) -> Result<Arc<Role>, AwsError> {
    snapshot.get::<Role>(name).ok_or_else(|| {
        error::no_such_entity_exception(format!("The role with name {name} cannot be found."))
    })
}

/// A role that its owner may change: a service-linked one is its service's.
pub fn find_own(snapshot: &Snapshot, name: &str) -> Result<Arc<Role>, AwsError> {
    let role = find(snapshot, name)?;
    match role.linked_service {
        None => Ok(role),
        Some(_) => Err(error::unmodifiable_entity_exception(format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only \
             modifiable by AWS"
        ))),
    }
}

/// Changes a role of the owner's.
pub fn change(
    tx: &mut Tx,
    name: &str,
    change: impl FnOnce(&mut Role),
) -> Result<Arc<Role>, AwsError> {
    find_own(tx, name)?;
    describe(tx, name, change)
}

/// Changes what may be changed of a service-linked role too: its description and its tags.
pub fn describe(
    tx: &mut Tx,
    name: &str,
    change: impl FnOnce(&mut Role),
) -> Result<Arc<Role>, AwsError> {
    find(tx, name)?;
    Ok(tx.update::<Role>(name, change).expect("find has found it"))
}

/// A role as GetRole shows it.
pub fn shown(role: &Role) -> iam::Role {
    iam::Role {
        tags: tags::shown_if_any(&role.tags),
        permissions_boundary: role.permissions_boundary.as_ref().map(|arn| {
            iam::AttachedPermissionsBoundary {
                permissions_boundary_arn: Some(arn.clone()),
                permissions_boundary_type: Some("Policy".into()),
            }
        }),
        role_last_used: Some(iam::RoleLastUsed::default()),
        ..listed(role)
    }
}

/// A role as ListRoles shows it: without tags, boundary and last use.
pub fn listed(role: &Role) -> iam::Role {
    iam::Role {
        arn: role.arn.clone(),
        assume_role_policy_document: Some(document::encoded(&role.trust_policy)),
        create_date: role.created_at,
        description: role.description.clone(),
        max_session_duration: Some(role.max_session_duration),
        path: role.path.clone(),
        role_id: role.role_id.clone(),
        role_name: role.name.clone(),
        ..iam::Role::default()
    }
}
