//! CreateSecret: a secret, with its first version if a value is given. With the same
//! token, name and value it may be repeated.

use neargate_api::model::secretsmanager::{self as model, Secret};
use neargate_api::types::secretsmanager::{CreateSecretRequest, CreateSecretResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::encryption::{self, Plain};
use crate::secret::forget_gone;
use crate::{tags, version};

pub async fn call(ctx: Ctx, input: CreateSecretRequest) -> Result<CreateSecretResponse, AwsError> {
    check_name(&input.name)?;
    refuse_unsupported(&input)?;
    let plain = Plain::given(input.secret_string, input.secret_binary)?;
    let token = input.client_request_token.unwrap_or_else(|| ctx.rng().uuid());
    let suffix = ctx.rng().letters(6);
    let mut made = Secret {
        region: ctx.region.clone(),
        arn: ctx.arn("secretsmanager", format!("secret:{}-{suffix}", input.name)),
        name: input.name,
        description: input.description.filter(|text| !text.is_empty()),
        kms_key_id: input.kms_key_id.filter(|id| !id.is_empty()),
        created: ctx.now,
        changed: ctx.now,
        accessed: None,
        policy: None,
        owning_service: None,
        deletion: None,
        versions: Vec::new(),
        tags: tags::read(input.tags)?,
    };
    if let Some(plain) = &plain {
        let value = encryption::seal(&ctx, made.kms_key_id.as_deref(), &made.arn, &token, plain)?;
        made.add(version::new(&ctx, &token, value, &[model::CURRENT]));
    }
    let kept = store(&ctx, made, plain, token).await?;
    Ok(CreateSecretResponse {
        version_id: kept.staged(model::CURRENT).map(|version| version.id.clone()),
        arn: Some(kept.arn),
        name: Some(kept.name),
        replication_status: None,
    })
}

/// Keeps the new secret, or finds that this very request has made it before.
async fn store(
    ctx: &Ctx,
    made: Secret,
    plain: Option<Plain>,
    token: String,
) -> Result<Secret, AwsError> {
    let inner = ctx.clone();
    ctx.write(move |tx| {
        forget_gone(tx, &inner.region, inner.now);
        let Some(there) = tx.get::<Secret>(&Secret::key_of(&made.region, &made.name)) else {
            tx.put(made.clone());
            return Ok(made);
        };
        if there.deletion.is_some() {
            return Err(error::invalid_request_exception(
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            ));
        }
        let repeated = plain
            .zip(there.version(&token))
            .is_some_and(|(plain, version)| encryption::is(&inner, &there, version, &plain));
        if repeated {
            return Ok(Secret::clone(&there));
        }
        Err(error::resource_exists_exception(format!(
            "The operation failed because the secret {} already exists.",
            there.name
        )))
    })
    .await
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    match name.chars().all(allowed) {
        true => Ok(()),
        false => Err(AwsError::new(
            400,
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        )),
    }
}

/// What would need another region, another account or a partner's cloud.
fn refuse_unsupported(input: &CreateSecretRequest) -> Result<(), AwsError> {
    let why = if input.add_replica_regions.is_some() {
        "AddReplicaRegions: this Neargate replicates no secrets. Leave the replica regions out."
    } else if input.cross_account_primary_arn.is_some() {
        "CrossAccountPrimaryARN: this Neargate has one account only."
    } else if input.r#type.as_deref().is_some_and(|kind| !kind.is_empty()) {
        "Type: this Neargate has no managed external secrets."
    } else {
        return Ok(());
    };
    Err(error::invalid_parameter_exception(why))
}
