//! The managed master password: made here, kept by Secrets Manager alone.

use neargate_api::AwsError;
use neargate_api::model::rds::DbInstance;
use neargate_api::types::secretsmanager as sm;
use neargate_api_rds::password;
use ring::rand::{SecureRandom, SystemRandom};

use crate::Hands;

const LENGTH: usize = 28;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Hands {
    /// The verifier of the managed password, and the secret's ARN. The secret may
    /// have been made before a restart: then its password stays.
    pub(crate) async fn managed(&self, instance: &DbInstance) -> Result<(String, String), String> {
        let Some(secret) = &instance.secret else {
            return Err("it has neither a password nor a managed one".into());
        };
        let password = random().ok_or("the machine gives no randomness for a password")?;
        let value =
            format!(r#"{{"username":"{}","password":"{password}"}}"#, instance.master_username());
        let input = sm::CreateSecretRequest {
            name: secret.name.clone(),
            description: Some(format!(
                "Secret associated with primary RDS DB instance: {}",
                instance.arn
            )),
            kms_key_id: secret.kms_key_id.clone(),
            secret_string: Some(value),
            client_request_token: Some(self.cloud.rng.uuid()),
            ..Default::default()
        };
        let ctx = self.ctx(&instance.region);
        let made = self.services.invoke::<sm::CreateSecret>(&sm::SERVICE, ctx, input).await;
        let text = |error: AwsError| error.to_string();
        match made {
            Ok(made) => {
                let verifier = password::verifier(&password).map_err(text)?;
                Ok((verifier, made.arn.unwrap_or_default()))
            }
            Err(error) if error.shape == "ResourceExistsException" => {
                self.made_before(instance, &secret.name).await
            }
            Err(error) => Err(error.to_string()),
        }
    }

    async fn made_before(
        &self,
        instance: &DbInstance,
        name: &str,
    ) -> Result<(String, String), String> {
        let ctx = self.ctx(&instance.region);
        let input = sm::GetSecretValueRequest { secret_id: name.into(), ..Default::default() };
        let text = |error: AwsError| error.to_string();
        let found = self.services.invoke::<sm::GetSecretValue>(&sm::SERVICE, ctx, input).await;
        let found = found.map_err(text)?;
        let value = found.secret_string.map(|value| value.to_string()).unwrap_or_default();
        let password = value
            .split_once(r#""password":""#)
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(password, _)| password)
            .ok_or_else(|| format!("the secret {name} has no password"))?;
        let verifier = password::verifier(password).map_err(text)?;
        Ok((verifier, found.arn.unwrap_or_default()))
    }

    /// The secret goes with its instance.
    pub(crate) async fn remove_secret(&self, instance: &DbInstance) {
        let Some(arn) = instance.secret.as_ref().and_then(|secret| secret.arn.clone()) else {
            return;
        };
        let input = sm::DeleteSecretRequest {
            secret_id: arn,
            force_delete_without_recovery: Some(true),
            ..Default::default()
        };
        let ctx = self.ctx(&instance.region);
        let gone = self.services.invoke::<sm::DeleteSecret>(&sm::SERVICE, ctx, input).await;
        if let Err(error) = gone {
            tracing::warn!(%error, instance = instance.identifier, "its secret is left");
        }
    }
}

/// Letters, digits, hyphens and underscores, each as likely as the others.
fn random() -> Option<String> {
    let mut bytes = [0; LENGTH];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_rds_takes() {
        let password = random().unwrap();
        assert_eq!(password.len(), LENGTH);
        assert_eq!(password::check(&password), Ok(()));
        assert_ne!(random(), Some(password));
    }
}
