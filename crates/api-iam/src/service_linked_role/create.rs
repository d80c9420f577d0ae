//! CreateServiceLinkedRole, for the services of such stacks.

use std::collections::{BTreeMap, BTreeSet};

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{
    CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse, error,
};
use neargate_api::{AwsError, Ctx, Tags, Tx};

use super::{TEMPLATES, Template};
use crate::{aws_managed, role};

pub async fn call(
    ctx: Ctx,
    input: CreateServiceLinkedRoleRequest,
) -> Result<CreateServiceLinkedRoleResponse, AwsError> {
    let service = input.aws_service_name;
    let template = TEMPLATES.iter().find(|t| t.service == service).ok_or_else(|| {
        error::no_such_entity_exception(format!(
            "Neargate has no service-linked role for {service}."
        ))
    })?;
    if input.custom_suffix.is_some() && !template.has_suffix {
        return Err(error::invalid_input_exception(format!(
            "Custom suffix is not allowed for {service}"
        )));
    }
    let made = made(&ctx, template, input.description);
    let role = ctx
        .write(move |tx| {
            let name = made.name.clone();
            tx.insert(made.clone()).map_err(|_| {
                error::invalid_input_exception(format!(
                    "Service role name {name} has been taken in this account, please try a \
                     different suffix."
                ))
            })?;
            Ok(made)
        })
        .await?;
    Ok(CreateServiceLinkedRoleResponse { role: Some(role::shown(&role)) })
}

/// Makes the role of a service unless it is there, as AWS does when the service is first used.
pub fn ensure(tx: &mut Tx, ctx: &Ctx, service: &str) {
    if let Some(template) = TEMPLATES.iter().find(|template| template.service == service) {
        // Whoever made it before has made the same.
        let _ = tx.insert(made(ctx, template, None));
    }
}

fn made(ctx: &Ctx, template: &Template, description: Option<String>) -> Role {
    let service = template.service;
    let path = format!("/aws-service-role/{service}/");
    let policy = format!("{}aws-service-role/{}", aws_managed::PREFIX, template.policy);
    let trust = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":\
         {{\"Service\":\"{service}\"}},\"Action\":\"sts:AssumeRole\"}}]}}"
    );
    Role {
        name: template.role.to_owned(),
        role_id: format!("AROA{}", ctx.rng().base32(17)),
        arn: role::new_arn(ctx, Some(&path), template.role),
        path,
        created_at: ctx.now,
        trust_policy: trust,
        description,
        max_session_duration: 3600,
        permissions_boundary: None,
        inline_policies: BTreeMap::new(),
        attached_policies: BTreeSet::from([policy]),
        linked_service: Some(service.to_owned()),
        tags: Tags::new(),
    }
}
