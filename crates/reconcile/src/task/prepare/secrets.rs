//! Secrets of a task: values for its environment out of Secrets Manager and the
//! parameter store, and the credentials of private registries.
//! Source: "Pass sensitive data to an Amazon ECS container" in the developer
//! guide, which also names the actions that the execution role needs.

use std::collections::BTreeMap;

use neargate_api::types::ecs::ContainerDefinition;
use neargate_api::types::{secretsmanager, ssm};
use neargate_api::{AwsError, Ctx};

use crate::hands::RegistryCredentials;
use crate::task::facts::{Facts, NotStarted};

/// The values of a container's `secrets`, by the names of their variables.
pub async fn of(
    facts: &Facts,
    ctx: &Ctx,
    container: &ContainerDefinition,
) -> Result<BTreeMap<String, String>, NotStarted> {
    let mut values = BTreeMap::new();
    for secret in container.secrets.iter().flatten() {
        let value = if secret.value_from.contains(":secretsmanager:") {
            Reference::parse(&secret.value_from).value(facts, ctx).await?
        } else {
            parameter(facts, ctx, &secret.value_from).await?
        };
        values.insert(secret.name.clone(), value);
    }
    Ok(values)
}

/// The credentials with which a container's image is pulled, where it names any.
pub async fn registry_credentials(
    facts: &Facts,
    ctx: &Ctx,
    container: &ContainerDefinition,
) -> Result<Option<RegistryCredentials>, NotStarted> {
    let Some(given) = &container.repository_credentials else { return Ok(None) };
    let arn = given.credentials_parameter.as_str();
    let text = Reference { arn: arn.into(), ..Reference::default() }.value(facts, ctx).await?;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    match (json["username"].as_str(), json["password"].as_str()) {
        (Some(username), Some(password)) => {
            Ok(Some(RegistryCredentials { username: username.into(), password: password.into() }))
        }
        _ => Err(not_retrieved(
            "secret from asm",
            format!("the secret {arn} does not have the keys username and password"),
        )),
    }
}

/// `arn:…:secret:NAME-abcdef[:json-key[:stage[:version-id]]]`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reference {
    arn: String,
    json_key: Option<String>,
    stage: Option<String>,
    version_id: Option<String>,
}

impl Reference {
    fn parse(value_from: &str) -> Self {
        let parts: Vec<&str> = value_from.splitn(10, ':').collect();
        let part =
            |index: usize| parts.get(index).filter(|p| !p.is_empty()).map(|p| (*p).to_owned());
        Reference {
            arn: parts[..parts.len().min(7)].join(":"),
            json_key: part(7),
            stage: part(8),
            version_id: part(9),
        }
    }

    async fn value(&self, facts: &Facts, ctx: &Ctx) -> Result<String, NotStarted> {
        let input = secretsmanager::GetSecretValueRequest {
            secret_id: self.arn.clone(),
            version_stage: self.stage.clone(),
            version_id: self.version_id.clone(),
        };
        let ctx = in_region_of(ctx, &self.arn);
        let services = &facts.hands.services;
        let answer = services
            .invoke::<secretsmanager::GetSecretValue>(&secretsmanager::SERVICE, ctx, input)
            .await
            .map_err(|error| {
                let AwsError { code, message, .. } = error;
                let arn = &self.arn;
                let why =
                    format!("failed to fetch secret {arn} from secrets manager: {code}: {message}");
                not_retrieved("secret from asm", why)
            })?;
        let binary = answer.secret_binary.map(|bytes| bytes.0).unwrap_or_default();
        let text =
            answer.secret_string.unwrap_or_else(|| String::from_utf8_lossy(&binary).into_owned());
        match &self.json_key {
            Some(key) => {
                json_member(&text, key).map_err(|why| not_retrieved("secret from asm", why))
            }
            None => Ok(text),
        }
    }
}

/// The member of a JSON document: text as it is, anything else as JSON.
fn json_member(text: &str, key: &str) -> Result<String, String> {
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        format!("unable to unmarshal the secret's value, which is not JSON: {error}")
    })?;
    match json.get(key) {
        Some(serde_json::Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
        None => {
            Err(format!("retrieved secret from Secrets Manager did not contain json key {key}"))
        }
    }
}

/// By the action that the guide gives to execution roles: `ssm:GetParameters`.
async fn parameter(facts: &Facts, ctx: &Ctx, value_from: &str) -> Result<String, NotStarted> {
    let input = ssm::GetParametersRequest {
        names: vec![value_from.to_owned()],
        with_decryption: Some(true),
    };
    let ctx = in_region_of(ctx, value_from);
    let answer = facts.hands.services.invoke::<ssm::GetParameters>(&ssm::SERVICE, ctx, input).await;
    let answer = answer.map_err(|error| {
        not_retrieved("secrets from ssm", format!("{}: {}", error.code, error.message))
    })?;
    let found = answer.parameters.into_iter().flatten().find_map(|parameter| parameter.value);
    found.ok_or_else(|| {
        not_retrieved("secrets from ssm", format!("Invalid ssm parameters: {value_from}"))
    })
}

/// An ARN says itself in which region it is to be asked for.
fn in_region_of(ctx: &Ctx, arn: &str) -> Ctx {
    let region = arn.split(':').nth(3).filter(|_| arn.starts_with("arn:"));
    Ctx { region: region.unwrap_or(&ctx.region).to_owned(), ..ctx.clone() }
}

fn not_retrieved(what: &str, why: String) -> NotStarted {
    NotStarted::Failed(format!(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
         unable to retrieve {what}: service call has been retried 1 time(s): {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_key_stage_and_version() {
        let arn = "arn:aws:secretsmanager:us-west-2:000000000000:secret:db-AbCdEf";
        let some = |text: &str| Some(text.to_owned());
        let cases = [
            (arn.to_owned(), (None, None, None)),
            (format!("{arn}:user::"), (some("user"), None, None)),
            (format!("{arn}::AWSPREVIOUS:"), (None, some("AWSPREVIOUS"), None)),
            (format!("{arn}:user::v1"), (some("user"), None, some("v1"))),
        ];
        for (value_from, (json_key, stage, version_id)) in cases {
            let expected = Reference { arn: arn.into(), json_key, stage, version_id };
            assert_eq!(Reference::parse(&value_from), expected, "{value_from}");
        }
    }

    #[test]
    fn members_of_json() {
        let text = r#"{"user": "u", "port": 5432, "tls": true}"#;
        assert_eq!(json_member(text, "user").unwrap(), "u");
        assert_eq!(json_member(text, "port").unwrap(), "5432");
        assert_eq!(json_member(text, "tls").unwrap(), "true");
        assert!(json_member(text, "usr").unwrap_err().ends_with("did not contain json key usr"));
        assert!(json_member("no json", "user").unwrap_err().contains("not JSON"));
    }
}
