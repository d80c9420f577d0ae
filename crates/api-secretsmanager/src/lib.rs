//! AWS Secrets Manager: secrets, their versions with stages, and their policies.
//! A folder per subject, a file per operation.
//!
//! Values are sealed by the instance's vault and opened only in `encryption`; no
//! error and no log line ever carries one.

mod encryption;
mod password;
mod policy;
mod rotation;
mod secret;
mod tags;
mod value;
mod version;

use neargate_api::types::secretsmanager as sm;
use neargate_api::{Ctx, Service};

/// The service with all its operations.
pub fn service() -> Service {
    let service = Service::new(&sm::SERVICE);
    let service = secrets(service);
    let service = values(service);
    let service = policies(service);
    service
        .op::<sm::GetRandomPassword, _>(password::call)
        .op_governed::<sm::RotateSecret, _>(|c, i| governed(c, &i.secret_id), rotation::rotate)
        .op_governed::<sm::CancelRotateSecret, _>(
            |c, i| governed(c, &i.secret_id),
            rotation::cancel,
        )
        .op_governed::<sm::TagResource, _>(|c, i| governed(c, &i.secret_id), tags::tag)
        .op_governed::<sm::UntagResource, _>(|c, i| governed(c, &i.secret_id), tags::untag)
}

fn secrets(service: Service) -> Service {
    service
        .op_on::<sm::CreateSecret, _>(|c, i| secret::pattern(c, &i.name), secret::create::call)
        .op::<sm::ListSecrets, _>(secret::list::call)
        .op_governed::<sm::DescribeSecret, _>(
            |c, i| governed(c, &i.secret_id),
            secret::describe::call,
        )
        .op_governed::<sm::UpdateSecret, _>(|c, i| governed(c, &i.secret_id), secret::update::call)
        .op_governed::<sm::DeleteSecret, _>(|c, i| governed(c, &i.secret_id), secret::delete::call)
        .op_governed::<sm::RestoreSecret, _>(
            |c, i| governed(c, &i.secret_id),
            secret::restore::call,
        )
}

fn values(service: Service) -> Service {
    service
        .op_governed::<sm::GetSecretValue, _>(|c, i| governed(c, &i.secret_id), value::get::call)
        .op::<sm::BatchGetSecretValue, _>(value::batch_get::call)
        .op_governed::<sm::PutSecretValue, _>(|c, i| governed(c, &i.secret_id), value::put::call)
        .op_governed::<sm::ListSecretVersionIds, _>(
            |c, i| governed(c, &i.secret_id),
            version::list::call,
        )
        .op_governed::<sm::UpdateSecretVersionStage, _>(
            |c, i| governed(c, &i.secret_id),
            version::move_stage::call,
        )
}

fn policies(service: Service) -> Service {
    service
        .op_governed::<sm::GetResourcePolicy, _>(
            |c, i| governed(c, &i.secret_id),
            policy::get::call,
        )
        .op_governed::<sm::PutResourcePolicy, _>(
            |c, i| governed(c, &i.secret_id),
            policy::put::call,
        )
        .op_governed::<sm::DeleteResourcePolicy, _>(
            |c, i| governed(c, &i.secret_id),
            policy::delete::call,
        )
        .op_governed::<sm::ValidateResourcePolicy, _>(
            |c, i| i.secret_id.as_deref().map_or(("*".into(), None), |id| governed(c, id)),
            policy::validate::call,
        )
}

/// The ARN that policies are asked about, and the secret's own policy.
fn governed(ctx: &Ctx, secret_id: &str) -> (String, Option<String>) {
    match secret::find(ctx, secret_id) {
        Ok(secret) => (secret.arn.clone(), secret.policy.clone()),
        Err(_) => (secret::pattern(ctx, secret_id), None),
    }
}

#[cfg(test)]
mod tests;
