//! `aws_secretsmanager_secret_version`: one value of a secret. Its id is the secret's
//! ARN and the version's: `arn:…|version`.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_api_types::secretsmanager as api;
use neargate_wire::Blob;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::resources::secretsmanager_secret::MISSING;

pub struct SecretVersion;

/// What the secret's present value is called. It can only be moved, and not taken away.
const CURRENT: &str = "AWSCURRENT";

#[async_trait]
impl Resource for SecretVersion {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "secret_id",
                "secret_binary",
                "secret_string",
                "secret_string_wo_version",
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let binary =
            match planned.text("secret_binary").map(|text| STANDARD.decode(text)).transpose() {
                Ok(binary) => binary.map(Blob),
                Err(error) => {
                    return Err(Failure::told(format!("secret_binary is no base64: {error}")));
                }
            };
        let input = api::PutSecretValueRequest {
            client_request_token: Some(version(cloud)),
            secret_string: match &binary {
                Some(_) => None,
                None => {
                    planned.string("secret_string").or_else(|| planned.string("secret_string_wo"))
                }
            },
            secret_binary: binary,
            secret_id: planned.required("secret_id"),
            version_stages: planned.some_texts("version_stages"),
            ..Default::default()
        };
        let version = cloud.call::<api::PutSecretValue>(&input).await?;
        Ok(id(planned, &version.version_id.unwrap_or_default()))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let (secret_id, version) = parts(&known.id())?;
        let input = api::GetSecretValueRequest {
            secret_id: secret_id.clone(),
            version_id: Some(version),
            ..Default::default()
        };
        let value = found(cloud.call::<api::GetSecretValue>(&input).await, &MISSING);
        let value = match value {
            Ok(value) => value,
            // It is being deleted.
            Err(error) if error.is_any(&["InvalidRequestException"]) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(value) = value else { return Ok(None) };
        let is_write_only =
            known.is("has_secret_string_wo") || !known.get("secret_string_wo_version").is_null();
        let secret = value.secret_string.filter(|_| !is_write_only);
        known.extend(json!({
            "arn": value.arn,
            "has_secret_string_wo": if is_write_only { json!(true) } else { Json::Null },
            "secret_binary": value.secret_binary.map(|blob| STANDARD.encode(blob.0)).unwrap_or_default(),
            "secret_id": secret_id,
            "secret_string": secret.unwrap_or_default(),
            "secret_string_wo": Json::Null,
            "version_id": value.version_id,
            "version_stages": value.version_stages.unwrap_or_default(),
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let (secret_id, version) = parts(&planned.id())?;
        let (before, after) = (prior.texts("version_stages"), planned.texts("version_stages"));
        for stage in after.iter().filter(|stage| !before.contains(stage)) {
            let input = api::UpdateSecretVersionStageRequest {
                move_to_version_id: Some(version.clone()),
                remove_from_version_id: holder(cloud, &secret_id, stage).await?,
                secret_id: secret_id.clone(),
                version_stage: stage.clone(),
            };
            cloud.call::<api::UpdateSecretVersionStage>(&input).await?;
        }
        for stage in before.iter().filter(|stage| !after.contains(stage) && *stage != CURRENT) {
            unstage(cloud, &secret_id, &version, stage).await?;
        }
        Ok(())
    }

    /// A version without a stage is deleted by the service in its time; the current one stays for as
    /// long as its secret does.
    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let (secret_id, version) = parts(&prior.id())?;
        for stage in prior.texts("version_stages").iter().filter(|stage| *stage != CURRENT) {
            unstage(cloud, &secret_id, &version, stage).await?;
        }
        Ok(())
    }
}

fn id(planned: &Attributes, version: &str) -> String {
    format!("{}|{version}", planned.required("secret_id"))
}

/// What a new version is called.
fn version(cloud: &Cloud) -> String {
    cloud.unique_name(None)
}

/// The id of the version that is made of what is planned.
pub fn new_id(cloud: &Cloud, planned: &Attributes) -> String {
    id(planned, &version(cloud))
}

fn parts(id: &str) -> Result<(String, String), Failure> {
    match id.split_once('|') {
        Some((secret, version)) => Ok((secret.to_owned(), version.to_owned())),
        None => Err(Failure::told(format!("{id} is not of the form SECRET|VERSION"))),
    }
}

/// The version that has a stage now.
async fn holder(cloud: &Cloud, secret_id: &str, stage: &String) -> Result<Option<String>, Failure> {
    let input = api::DescribeSecretRequest { secret_id: secret_id.to_owned() };
    let secret = cloud.call::<api::DescribeSecret>(&input).await?;
    let versions = secret.version_ids_to_stages.unwrap_or_default();
    Ok(versions.into_iter().find(|(_, stages)| stages.contains(stage)).map(|(version, _)| version))
}

async fn unstage(
    cloud: &Cloud,
    secret_id: &str,
    version: &str,
    stage: &str,
) -> Result<(), Failure> {
    let input = api::UpdateSecretVersionStageRequest {
        move_to_version_id: None,
        remove_from_version_id: Some(version.to_owned()),
        secret_id: secret_id.to_owned(),
        version_stage: stage.to_owned(),
    };
    let gone =
        ["ResourceNotFoundException", "InvalidParameterException", "InvalidRequestException"];
    found(cloud.call::<api::UpdateSecretVersionStage>(&input).await, &gone)?;
    Ok(())
}
