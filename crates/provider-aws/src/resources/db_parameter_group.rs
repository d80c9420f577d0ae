//! `aws_db_parameter_group`: settings of an engine. RDS gives a group all of its
//! family's parameters; only those that are set are the resource's.

use async_trait::async_trait;
use neargate_api_types::rds::{self as api, Parameter};
use neargate_aws_client::pages;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::rds;
use crate::resources::security_group::prefix_of;
use crate::waits;

pub struct DbParameterGroup;

const MISSING: [&str; 1] = ["DBParameterGroupNotFound"];

/// As many as one call changes.
const AT_ONCE: usize = 20;

#[async_trait]
impl Resource for DbParameterGroup {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["description", "family", "name", "name_prefix"],
            defaults: &[
                ("description", Fallback::Text("Managed by Terraform")),
                ("parameter.apply_method", Fallback::Text("immediate")),
                ("skip_destroy", Fallback::Bool(false)),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = api::CreateDBParameterGroupMessage {
            db_parameter_group_family: planned.required("family"),
            db_parameter_group_name: cloud.name_of(planned),
            description: planned.required("description"),
            tags: rds::new_tags(planned),
        };
        let group = cloud.call::<api::CreateDBParameterGroup>(&input).await?.db_parameter_group;
        Ok(group.unwrap_or_default().db_parameter_group_name.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        set(cloud, &planned.id(), planned.blocks("parameter")).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = api::DescribeDBParameterGroupsMessage {
            db_parameter_group_name: Some(known.id()),
            ..Default::default()
        };
        let described =
            found(cloud.call::<api::DescribeDBParameterGroups>(&input).await, &MISSING)?;
        let group = described.and_then(|output| output.db_parameter_groups?.into_iter().next());
        let Some(group) = group else { return Ok(None) };
        let name = group.db_parameter_group_name.unwrap_or_default();
        let parameters = parameters(cloud, &known).await?;
        known.extend(json!({
            "arn": group.db_parameter_group_arn,
            "description": group.description,
            "family": group.db_parameter_group_family,
            "name_prefix": prefix_of(&name, &known),
            "name": name,
            "parameter": parameters,
        }));
        rds::read_tags(cloud, &mut known).await?;
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let (before, after) = (prior.blocks("parameter"), planned.blocks("parameter"));
        let kept = |old: &Attributes| after.iter().any(|new| new.get("name") == old.get("name"));
        let removed: Vec<Parameter> = before.iter().filter(|old| !kept(old)).map(unset).collect();
        for some in removed.chunks(AT_ONCE) {
            let input = api::ResetDBParameterGroupMessage {
                db_parameter_group_name: planned.id(),
                parameters: Some(some.to_vec()),
                reset_all_parameters: Some(false),
            };
            cloud.call::<api::ResetDBParameterGroup>(&input).await?;
        }
        let changed = after.into_iter().filter(|new| !before.contains(new)).collect();
        set(cloud, &planned.id(), changed).await?;
        rds::update_tags(cloud, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        if prior.is("skip_destroy") {
            return Ok(());
        }
        let input = api::DeleteDBParameterGroupMessage { db_parameter_group_name: prior.id() };
        let what = format!("DB parameter group {}", prior.id());
        waits::delete(cloud, &what, &MISSING, &["InvalidDBParameterGroupState"], || {
            cloud.call::<api::DeleteDBParameterGroup>(&input)
        })
        .await
    }
}

fn unset(old: &Attributes) -> Parameter {
    Parameter {
        parameter_name: old.string("name"),
        apply_method: Some("pending-reboot".to_owned()),
        ..Default::default()
    }
}

async fn set(cloud: &Cloud, group: &str, parameters: Vec<Attributes>) -> Result<(), Failure> {
    let parameter = |block: &Attributes| Parameter {
        parameter_name: block.string("name"),
        parameter_value: Some(block.required("value")),
        apply_method: block.string("apply_method"),
        ..Default::default()
    };
    for some in parameters.chunks(AT_ONCE) {
        let input = api::ModifyDBParameterGroupMessage {
            db_parameter_group_name: group.to_owned(),
            parameters: some.iter().map(parameter).collect(),
        };
        cloud.call::<api::ModifyDBParameterGroup>(&input).await?;
    }
    Ok(())
}

/// Those that somebody has set, and those that the configuration sets to what is the default. When a
/// change acts is a wish, which RDS does not keep: what is known of it stays.
async fn parameters(cloud: &Cloud, known: &Attributes) -> Result<Vec<Json>, Failure> {
    let blocks = known.blocks("parameter");
    let group = known.id();
    let all = pages(|marker| {
        let input = api::DescribeDBParametersMessage {
            db_parameter_group_name: group.clone(),
            marker,
            ..Default::default()
        };
        async move {
            let page = cloud.call::<api::DescribeDBParameters>(&input).await?;
            Ok((page.parameters.unwrap_or_default(), page.marker))
        }
    })
    .await?;
    let block = |parameter: Parameter| {
        let (name, value) = (parameter.parameter_name?, parameter.parameter_value?);
        let given = blocks.iter().find(|block| {
            block.required("name").eq_ignore_ascii_case(&name) && block.required("value") == value
        });
        match given {
            Some(given) => Some(given.clone().into()),
            None if parameter.source.as_deref() == Some("user") => Some(json!({
                "apply_method": parameter.apply_method.unwrap_or_else(|| "immediate".to_owned()),
                "name": name,
                "value": value,
            })),
            None => None,
        }
    };
    Ok(all.into_iter().filter_map(block).collect())
}
