//! CreateKey: a symmetric key with material of our own. Other kinds are refused.

use neargate_api::model::kms::{Key, State};
use neargate_api::types::kms::{CreateKeyRequest, CreateKeyResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::key::material::draw;
use crate::key::{forget_gone, shown};
use crate::{policy, tags};

pub async fn call(ctx: Ctx, input: CreateKeyRequest) -> Result<CreateKeyResponse, AwsError> {
    refuse_unsupported(&input)?;
    let policy = match input.policy {
        Some(text) => policy::checked(text)?,
        None => policy::default(ctx.account()),
    };
    let id = ctx.rng().uuid();
    let made = Key {
        region: ctx.region.clone(),
        arn: ctx.arn("kms", format!("key/{id}")),
        description: input.description.unwrap_or_default(),
        created: ctx.now,
        state: State::Enabled,
        managed_by_aws: false,
        policy,
        rotation: None,
        materials: vec![draw(&ctx, &id)],
        tags: tags::read(input.tags)?,
        id,
    };
    let answer = CreateKeyResponse { key_metadata: Some(shown(&ctx, &made)) };
    let now = ctx.now;
    ctx.write(move |tx| {
        forget_gone(tx, &made.region, now);
        tx.put(made);
        Ok(())
    })
    .await?;
    Ok(answer)
}

fn refuse_unsupported(input: &CreateKeyRequest) -> Result<(), AwsError> {
    let spec = input.key_spec.as_deref().or(input.customer_master_key_spec.as_deref());
    let unless = |given: Option<&str>, only: &str, what: &str| match given {
        Some(given) if given != only => Some(format!(
            "{what} {given} is not supported by this Neargate, which has {only} only."
        )),
        _ => None,
    };
    let why = unless(spec, "SYMMETRIC_DEFAULT", "KeySpec")
        .or_else(|| unless(input.key_usage.as_deref(), "ENCRYPT_DECRYPT", "KeyUsage"))
        .or_else(|| unless(input.origin.as_deref(), "AWS_KMS", "Origin"))
        .or_else(|| {
            let multi_region = input.multi_region == Some(true);
            multi_region.then(|| "This Neargate has no multi-Region keys.".to_owned())
        })
        .or_else(|| {
            let elsewhere = input.custom_key_store_id.is_some() || input.xks_key_id.is_some();
            elsewhere.then(|| "This Neargate has no custom key stores.".to_owned())
        });
    why.map_or(Ok(()), |why| Err(error::unsupported_operation_exception(why)))
}
