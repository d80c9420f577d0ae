//! ResetDBParameterGroup: parameters go back to their defaults.

use neargate_api::model::rds::{ParameterGroup, key};
use neargate_api::types::rds::{DBParameterGroupNameMessage, ResetDBParameterGroupMessage};
use neargate_api::{AwsError, Ctx};

use crate::error;

pub async fn call(
    ctx: Ctx,
    input: ResetDBParameterGroupMessage,
) -> Result<DBParameterGroupNameMessage, AwsError> {
    super::refuse_default(&input.db_parameter_group_name)?;
    let all = input.reset_all_parameters == Some(true);
    let named: Vec<String> = input
        .parameters
        .into_iter()
        .flatten()
        .filter_map(|parameter| parameter.parameter_name)
        .map(|name| name.to_ascii_lowercase())
        .collect();
    if all != named.is_empty() {
        return Err(error::invalid_combination(
            "Specify either ResetAllParameters or a list of parameters.",
        ));
    }
    let at = ctx.clone();
    ctx.write(move |tx| {
        let found = super::find(&at, tx, &input.db_parameter_group_name)?;
        let gone: Vec<String> =
            found.parameters.into_keys().filter(|name| all || named.contains(name)).collect();
        let changed = tx.update::<ParameterGroup>(&key(&at.region, &found.name), |group| {
            group.parameters.retain(|name, _| !gone.contains(name));
        });
        if let Some(group) = changed {
            super::tell_users(tx, &group, &gone);
        }
        Ok(DBParameterGroupNameMessage { db_parameter_group_name: Some(found.name) })
    })
    .await
}
