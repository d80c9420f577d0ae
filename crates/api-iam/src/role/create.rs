//! CreateRole.

use std::collections::{BTreeMap, BTreeSet};

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{CreateRoleRequest, CreateRoleResponse, error};
use neargate_api::{AwsError, Ctx, Snapshot};
use neargate_authz::{Policy, Principals};

use crate::{document, role, tags};

pub async fn call(ctx: Ctx, input: CreateRoleRequest) -> Result<CreateRoleResponse, AwsError> {
    let trust = document::check_trust(&input.assume_role_policy_document)?;
    if input.path.as_deref().is_some_and(|path| path.starts_with("/aws-service-role/")) {
        return Err(error::invalid_input_exception(
            "Path /aws-service-role/ is reserved for service-linked roles.",
        ));
    }
    let made = Role {
        arn: role::new_arn(&ctx, input.path.as_deref(), &input.role_name),
        name: input.role_name,
        role_id: format!("AROA{}", ctx.rng().base32(17)),
        path: input.path.unwrap_or_else(|| "/".into()),
        created_at: ctx.now,
        trust_policy: input.assume_role_policy_document,
        description: input.description,
        max_session_duration: input.max_session_duration.unwrap_or(3600),
        permissions_boundary: input.permissions_boundary,
        inline_policies: BTreeMap::new(),
        attached_policies: BTreeSet::new(),
        linked_service: None,
        tags: tags::read(input.tags)?,
    };
    let account = ctx.account().to_owned();
    let role = ctx
        .write(move |tx| {
            check_free(tx, &made.name)?;
            check_principals(tx, &account, &trust)?;
            if let Some(boundary) = &made.permissions_boundary {
                role::boundary::check(tx, boundary)?;
            }
            tx.put(made.clone());
            Ok(made)
        })
        .await?;
    let shown = role::shown(&role);
    Ok(CreateRoleResponse {
        role: neargate_api::types::iam::Role { role_last_used: None, ..shown },
    })
}

/// Names differ by more than case.
fn check_free(snapshot: &Snapshot, name: &str) -> Result<(), AwsError> {
    match snapshot.all::<Role>().any(|role| role.name.eq_ignore_ascii_case(name)) {
        true => Err(error::entity_already_exists_exception(format!(
            "Role with name {name} already exists."
        ))),
        false => Ok(()),
    }
}

/// A trust policy names only roles that are there.
pub fn check_principals(
    snapshot: &Snapshot,
    account: &str,
    trust: &Policy,
) -> Result<(), AwsError> {
    let roles = format!("arn:aws:iam::{account}:role/");
    for statement in &trust.statements {
        let (Some(Principals::These(list)) | Some(Principals::AllBut(list))) =
            &statement.principals
        else {
            continue;
        };
        for (of, value) in list {
            let gone =
                value.starts_with(&roles) && !snapshot.all::<Role>().any(|role| role.arn == *value);
            if gone {
                let principal = format!("\"{of}\":\"{value}\"");
                return Err(document::malformed(&neargate_authz::Malformed::Principal(principal)));
            }
        }
    }
    Ok(())
}
