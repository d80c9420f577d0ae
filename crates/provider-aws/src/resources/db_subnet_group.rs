//! `aws_db_subnet_group`: the subnets in which RDS may place an instance. Its id is its
//! name, which RDS keeps in lower case.

use async_trait::async_trait;
use neargate_api_types::rds as api;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::rds;
use crate::resources::security_group::prefix_of;
use crate::waits;

pub struct DbSubnetGroup;

const MISSING: [&str; 1] = ["DBSubnetGroupNotFoundFault"];

#[async_trait]
impl Resource for DbSubnetGroup {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["name", "name_prefix"],
            defaults: &[("description", Fallback::Text("Managed by Terraform"))],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = api::CreateDBSubnetGroupMessage {
            db_subnet_group_description: planned.required("description"),
            db_subnet_group_name: cloud.name_of(planned),
            subnet_ids: planned.texts("subnet_ids"),
            tags: rds::new_tags(planned),
        };
        let group = cloud.call::<api::CreateDBSubnetGroup>(&input).await?.db_subnet_group;
        Ok(group.unwrap_or_default().db_subnet_group_name.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = api::DescribeDBSubnetGroupsMessage {
            db_subnet_group_name: Some(known.id()),
            ..Default::default()
        };
        let described = found(cloud.call::<api::DescribeDBSubnetGroups>(&input).await, &MISSING)?;
        let group = described.and_then(|output| output.db_subnet_groups?.into_iter().next());
        let Some(group) = group else { return Ok(None) };
        let name = group.db_subnet_group_name.unwrap_or_default();
        let subnets = group.subnets.unwrap_or_default().into_iter();
        let subnets: Vec<String> = subnets.filter_map(|subnet| subnet.subnet_identifier).collect();
        known.extend(json!({
            "arn": group.db_subnet_group_arn,
            "description": group.db_subnet_group_description,
            "name_prefix": prefix_of(&name, &known),
            "name": name,
            "subnet_ids": subnets,
            "supported_network_types": group.supported_network_types.unwrap_or_default(),
            "vpc_id": group.vpc_id,
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
        if prior.any_differs(planned, &["description", "subnet_ids"]) {
            let input = api::ModifyDBSubnetGroupMessage {
                db_subnet_group_description: planned.string("description"),
                db_subnet_group_name: planned.id(),
                subnet_ids: planned.texts("subnet_ids"),
            };
            cloud.call::<api::ModifyDBSubnetGroup>(&input).await?;
        }
        rds::update_tags(cloud, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DeleteDBSubnetGroupMessage { db_subnet_group_name: prior.id() };
        let what = format!("DB subnet group {}", prior.id());
        waits::delete(cloud, &what, &MISSING, &["InvalidDBSubnetGroupStateFault"], || {
            cloud.call::<api::DeleteDBSubnetGroup>(&input)
        })
        .await
    }
}
