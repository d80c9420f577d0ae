//! CreateDBParameterGroup: a group with the defaults of its family.

use std::collections::BTreeMap;

use neargate_api::model::rds::{ParameterGroup, key, newest};
use neargate_api::types::rds::{
    CreateDBParameterGroupMessage, CreateDBParameterGroupResult, error as fault,
};
use neargate_api::{AwsError, Ctx};

use crate::{arn, error, tag};

pub async fn call(
    ctx: Ctx,
    input: CreateDBParameterGroupMessage,
) -> Result<CreateDBParameterGroupResult, AwsError> {
    let name = checked(&input.db_parameter_group_name)?;
    let tags = tag::read(input.tags)?;
    let family = input.db_parameter_group_family;
    let major = family.strip_prefix("postgres").and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| newest(&ctx.snapshot(), Some(major)).is_none()) {
        return Err(error::invalid_value(format!(
            "ParameterGroupFamily {family} is not a valid parameter group family"
        )));
    }
    let at = ctx.clone();
    ctx.write(move |tx| {
        if tx.contains::<ParameterGroup>(&key(&at.region, &name)) {
            return Err(fault::db_parameter_group_already_exists_fault(format!(
                "Parameter group {name} already exists"
            )));
        }
        let group = ParameterGroup {
            region: at.region.clone(),
            arn: arn(&at, "pg", &name),
            name,
            family,
            description: input.description,
            parameters: BTreeMap::new(),
            tags,
        };
        let shape = super::shape(&group);
        tx.put(group);
        Ok(CreateDBParameterGroupResult { db_parameter_group: Some(shape) })
    })
    .await
}

/// 1 to 255 letters, digits and hyphens, a letter first, no hyphen last or twice.
fn checked(name: &str) -> Result<String, AwsError> {
    let name = name.to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 255
        && name.chars().all(plain)
        && !name.ends_with('-')
        && !name.contains("--");
    good.then_some(name.clone()).ok_or_else(|| {
        error::invalid_value(format!(
            "The parameter DBParameterGroupName is not a valid identifier: {name}. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        ))
    })
}
