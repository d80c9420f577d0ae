//! CreateDBSubnetGroup: names subnets of two zones or more.

use neargate_api::model::rds::{SubnetGroup, key};
use neargate_api::types::rds::{
    CreateDBSubnetGroupMessage, CreateDBSubnetGroupResult, error as fault,
};
use neargate_api::{AwsError, Ctx};

use crate::{arn, error, tag};

pub async fn call(
    ctx: Ctx,
    input: CreateDBSubnetGroupMessage,
) -> Result<CreateDBSubnetGroupResult, AwsError> {
    let name = checked(&input.db_subnet_group_name)?;
    let tags = tag::read(input.tags)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        if tx.contains::<SubnetGroup>(&key(&at.region, &name)) {
            return Err(fault::db_subnet_group_already_exists_fault(format!(
                "The DB subnet group '{name}' already exists."
            )));
        }
        let group = SubnetGroup {
            region: at.region.clone(),
            arn: arn(&at, "subgrp", &name),
            name,
            description: input.db_subnet_group_description,
            vpc_id: super::vpc_of(tx, &at.region, &input.subnet_ids)?,
            subnet_ids: input.subnet_ids,
            tags,
        };
        let shape = super::shape(tx, &group);
        tx.put(group);
        Ok(CreateDBSubnetGroupResult { db_subnet_group: Some(shape) })
    })
    .await
}

fn checked(name: &str) -> Result<String, AwsError> {
    let name = name.to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    if name.is_empty() || name.len() > 255 || !name.chars().all(plain) || name == "default" {
        return Err(error::invalid_value(format!(
            "The parameter DBSubnetGroupName is not a valid identifier: {name}. It has at most 255 letters, digits, periods, underscores, spaces and hyphens, and is not \"default\"."
        )));
    }
    Ok(name)
}
