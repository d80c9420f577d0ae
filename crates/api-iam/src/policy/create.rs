//! CreatePolicy: with `v1`, its default.

use std::collections::BTreeMap;

use neargate_api::model::iam::{ManagedPolicy, PolicyVersion};
use neargate_api::types::iam::{CreatePolicyRequest, CreatePolicyResponse, Policy, error};
use neargate_api::{AwsError, Ctx};

use crate::{document, policy, tags};

pub async fn call(ctx: Ctx, input: CreatePolicyRequest) -> Result<CreatePolicyResponse, AwsError> {
    document::check_managed(&input.policy_document)?;
    let first = PolicyVersion { document: input.policy_document, created_at: ctx.now };
    let made = ManagedPolicy {
        arn: policy::new_arn(&ctx, input.path.as_deref(), &input.policy_name),
        name: input.policy_name,
        policy_id: format!("ANPA{}", ctx.rng().base32(17)),
        path: input.path.unwrap_or_else(|| "/".into()),
        description: input.description,
        created_at: ctx.now,
        updated_at: ctx.now,
        versions: BTreeMap::from([(1, first)]),
        default_version: 1,
        next_version: 2,
        tags: tags::read(input.tags)?,
    };
    let made = ctx
        .write(move |tx| {
            if tx.all::<ManagedPolicy>().any(|p| p.name.eq_ignore_ascii_case(&made.name)) {
                return Err(error::entity_already_exists_exception(format!(
                    "A policy called {} already exists. Duplicate names are not allowed.",
                    made.name
                )));
            }
            tx.put(made.clone());
            Ok(made)
        })
        .await?;
    let shown = policy::shown_own(&ctx.snapshot(), &made);
    Ok(CreatePolicyResponse {
        policy: Some(Policy {
            description: None,
            tags: shown.tags.filter(|tags| !tags.is_empty()),
            ..shown
        }),
    })
}
