//! `aws_ssm_parameter`. Its id is its name.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::ssm::{self as api, Tag};
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::tags;

pub struct Parameter;

const MISSING: [&str; 1] = ["ParameterNotFound"];

/// What tags are of.
const KIND: &str = "Parameter";

const SECURE: &str = "SecureString";

#[async_trait]
impl Resource for Parameter {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["data_type", "name"],
            unsettles: &[
                ("value", "version"),
                ("insecure_value", "version"),
                ("description", "version"),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let overwrites = planned.is("overwrite");
        let tags = Some(list(planned.map("tags_all"))).filter(|tags| !tags.is_empty());
        let mut input = put(planned);
        input.overwrite = Some(overwrites);
        // One that is written over takes no tags.
        input.tags = if overwrites { None } else { tags.clone() };
        cloud.call::<api::PutParameter>(&input).await?;
        if let Some(tags) = tags.filter(|_| overwrites) {
            tag(cloud, &input.name, tags).await?;
        }
        Ok(input.name)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let name = known.id();
        let input = api::GetParameterRequest { name: name.clone(), with_decryption: Some(true) };
        let got = found(cloud.call::<api::GetParameter>(&input).await, &MISSING)?;
        let Some(parameter) = got.and_then(|output| output.parameter) else { return Ok(None) };
        let about = about(cloud, &name).await?;
        let is_insecure = known.text("insecure_value").is_some();
        let (value, insecure) = match (is_insecure, parameter.value) {
            (true, value) => (Json::Null, json!(value)),
            (false, value) => (json!(value), Json::Null),
        };
        let key = about.key_id.filter(|_| parameter.r#type.as_deref() == Some(SECURE));
        known.extend(json!({
            "allowed_pattern": about.allowed_pattern.unwrap_or_default(),
            "arn": parameter.arn,
            "data_type": about.data_type.or(parameter.data_type),
            "description": about.description.unwrap_or_default(),
            "insecure_value": insecure,
            "key_id": key.unwrap_or_default(),
            "name": parameter.name,
            "tier": about.tier.unwrap_or_else(|| "Standard".to_owned()),
            "type": parameter.r#type,
            "value": value,
            "value_wo": Json::Null,
            "version": parameter.version,
        }));
        let input =
            api::ListTagsForResourceRequest { resource_id: name, resource_type: KIND.to_owned() };
        let listed =
            cloud.call::<api::ListTagsForResource>(&input).await?.tag_list.unwrap_or_default();
        tags::set(&mut known, cloud, listed.into_iter().map(|tag| (tag.key, tag.value)).collect());
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let written =
            ["allowed_pattern", "description", "insecure_value", "key_id", "tier", "value"];
        if prior.any_differs(planned, &written) || prior.differs(planned, "value_wo_version") {
            let input = api::PutParameterRequest { overwrite: Some(true), ..put(planned) };
            cloud.call::<api::PutParameter>(&input).await?;
        }
        let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else {
            return Ok(());
        };
        if !removed.is_empty() {
            let input = api::RemoveTagsFromResourceRequest {
                resource_id: planned.id(),
                resource_type: KIND.to_owned(),
                tag_keys: removed,
            };
            cloud.call::<api::RemoveTagsFromResource>(&input).await?;
        }
        if set.is_empty() { Ok(()) } else { tag(cloud, &planned.id(), list(set)).await }
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DeleteParameterRequest { name: prior.id() };
        found(cloud.call::<api::DeleteParameter>(&input).await, &MISSING)?;
        Ok(())
    }
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}

fn put(planned: &Attributes) -> api::PutParameterRequest {
    let value =
        ["value", "insecure_value", "value_wo"].into_iter().find_map(|name| planned.string(name));
    let kind = planned.string("type");
    api::PutParameterRequest {
        allowed_pattern: Some(planned.required("allowed_pattern")),
        data_type: planned.string("data_type"),
        description: Some(planned.required("description")).filter(|text| !text.is_empty()),
        key_id: planned.string("key_id").filter(|_| kind.as_deref() == Some(SECURE)),
        name: planned.required("name"),
        tier: planned.string("tier"),
        r#type: kind,
        value: value.unwrap_or_default(),
        ..Default::default()
    }
}

async fn tag(cloud: &Cloud, name: &str, tags: Vec<Tag>) -> Result<(), Failure> {
    let input = api::AddTagsToResourceRequest {
        resource_id: name.to_owned(),
        resource_type: KIND.to_owned(),
        tags,
    };
    cloud.call::<api::AddTagsToResource>(&input).await?;
    Ok(())
}

/// What is not its value.
async fn about(cloud: &Cloud, name: &str) -> Result<api::ParameterMetadata, Failure> {
    let filter = api::ParameterStringFilter {
        key: "Name".to_owned(),
        option: Some("Equals".to_owned()),
        values: Some(vec![name.to_owned()]),
    };
    let input = api::DescribeParametersRequest {
        parameter_filters: Some(vec![filter]),
        ..Default::default()
    };
    let described = cloud.call::<api::DescribeParameters>(&input).await?.parameters;
    Ok(described.unwrap_or_default().into_iter().next().unwrap_or_default())
}
