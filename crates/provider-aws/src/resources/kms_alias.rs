//! `aws_kms_alias`: another name of a key.

use async_trait::async_trait;
use neargate_api_types::kms;
use neargate_aws_client::pages;
use serde_json::json;

use super::security_group::prefix_of;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};

pub struct Alias;

const MISSING: [&str; 1] = ["NotFoundException"];

#[async_trait]
impl Resource for Alias {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["name", "name_prefix"],
            alike: &[("target_key_id", same_key)],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let alias_name = name(cloud, planned);
        let target_key_id = planned.required("target_key_id");
        let input = kms::CreateAliasRequest { alias_name: alias_name.clone(), target_key_id };
        cloud.call::<kms::CreateAlias>(&input).await?;
        Ok(alias_name)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let aliases = pages(|marker| async move {
            let input = kms::ListAliasesRequest { marker, ..Default::default() };
            let page = cloud.call::<kms::ListAliases>(&input).await?;
            Ok((page.aliases.unwrap_or_default(), page.next_marker))
        });
        let mut aliases = aliases.await?.into_iter();
        let Some(alias) = aliases.find(|alias| alias.alias_name.as_ref() == Some(&id)) else {
            return Ok(None);
        };
        let arn = alias.alias_arn.unwrap_or_default();
        let key = alias.target_key_id.unwrap_or_default();
        let key_arn = arn.replace(&id, &format!("key/{key}"));
        let known_key = known.string("target_key_id").filter(|known| bare(known) == key);
        let prefix = prefix_of(&id, &known);
        known.extend(json!({
            "arn": arn,
            "name": id,
            "name_prefix": prefix,
            "target_key_arn": key_arn,
            "target_key_id": known_key.unwrap_or(key),
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let input = kms::UpdateAliasRequest {
            alias_name: planned.id(),
            target_key_id: planned.required("target_key_id"),
        };
        cloud.call::<kms::UpdateAlias>(&input).await?;
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = kms::DeleteAliasRequest { alias_name: prior.id() };
        found(cloud.call::<kms::DeleteAlias>(&input).await, &MISSING)?;
        Ok(())
    }
}

/// The id of a key that is named by its id or its ARN.
fn bare(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// A key's id and its ARN are the same key.
fn same_key(before: &neargate_hcl::Value, planned: &neargate_hcl::Value) -> bool {
    let key = |value: &neargate_hcl::Value| {
        value
            .get("target_key_id")
            .and_then(neargate_hcl::Value::as_str)
            .map(|key| bare(key).to_owned())
    };
    key(before).is_some() && key(before) == key(planned)
}

/// What a new alias is called.
pub fn name(cloud: &Cloud, planned: &Attributes) -> String {
    let prefix = planned.text("name_prefix").unwrap_or("alias/");
    planned.string("name").unwrap_or_else(|| cloud.unique_name(Some(prefix)))
}
