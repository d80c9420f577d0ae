//! UpdateSecretVersionStage: moves a stage from one version to another, or takes it off.

use neargate_api::model::secretsmanager::{CURRENT, Secret};
use neargate_api::types::secretsmanager::{
    UpdateSecretVersionStageRequest, UpdateSecretVersionStageResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::secret;

pub async fn call(
    ctx: Ctx,
    input: UpdateSecretVersionStageRequest,
) -> Result<UpdateSecretVersionStageResponse, AwsError> {
    let now = ctx.now;
    let (secret, ()) = secret::change(&ctx, &input.secret_id.clone(), move |secret| {
        check(secret, &input)?;
        secret.move_stage(&input.version_stage, input.move_to_version_id.as_deref());
        secret.changed = now;
        Ok(())
    })
    .await?;
    Ok(UpdateSecretVersionStageResponse { arn: Some(secret.arn), name: Some(secret.name) })
}

fn check(secret: &Secret, input: &UpdateSecretVersionStageRequest) -> Result<(), AwsError> {
    let stage = &input.version_stage;
    let (from, to) = (&input.remove_from_version_id, &input.move_to_version_id);
    for id in [from, to].into_iter().flatten() {
        if secret.version(id).is_none() {
            return Err(error::resource_not_found_exception(format!(
                "Secrets Manager can't find the specified secret version: {id}."
            )));
        }
    }
    let invalid = |message: String| Err(error::invalid_parameter_exception(message));
    let holder = secret.staged(stage).map(|version| &version.id);
    match (holder, from, to) {
        (_, None, None) => {
            invalid("You must provide RemoveFromVersionId, MoveToVersionId or both.".to_owned())
        }
        (_, Some(_), None) if stage == CURRENT => invalid(format!(
            "You can only move staging label {CURRENT} to a different secret version. It can’t be completely removed."
        )),
        (Some(holder), None, Some(to)) if holder != to => invalid(format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
        )),
        (holder, Some(from), _) if holder != Some(from) => invalid(format!(
            "Staging label {stage} is not attached to version {from}: RemoveFromVersionId must be the version that it is attached to."
        )),
        _ => Ok(()),
    }
}
