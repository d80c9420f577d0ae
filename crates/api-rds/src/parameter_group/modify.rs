//! ModifyDBParameterGroup: sets up to 20 parameters.

use neargate_api::model::rds::{ParameterGroup, SetParameter, key, parameter};
use neargate_api::types::rds::{
    DBParameterGroupNameMessage, ModifyDBParameterGroupMessage, Parameter,
};
use neargate_api::{AwsError, Ctx};

use crate::error;

/// Source: "ModifyDBParameterGroup" in the RDS API reference.
const AT_ONCE: usize = 20;

pub async fn call(
    ctx: Ctx,
    input: ModifyDBParameterGroupMessage,
) -> Result<DBParameterGroupNameMessage, AwsError> {
    super::refuse_default(&input.db_parameter_group_name)?;
    if input.parameters.is_empty() || input.parameters.len() > AT_ONCE {
        return Err(error::invalid_value(format!(
            "A request modifies 1 to {AT_ONCE} parameters, and this one has {}.",
            input.parameters.len()
        )));
    }
    let set = input.parameters.into_iter().map(checked).collect::<Result<Vec<_>, _>>()?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let found = super::find(&at, tx, &input.db_parameter_group_name)?;
        let names: Vec<String> = set.iter().map(|(name, _)| name.clone()).collect();
        let changed = tx.update::<ParameterGroup>(&key(&at.region, &found.name), |group| {
            group.parameters.extend(set);
        });
        if let Some(group) = changed {
            super::tell_users(tx, &group, &names);
        }
        Ok(DBParameterGroupNameMessage { db_parameter_group_name: Some(found.name) })
    })
    .await
}

fn checked(asked: Parameter) -> Result<(String, SetParameter), AwsError> {
    let name = asked.parameter_name.unwrap_or_default();
    let known = parameter(&name).ok_or_else(|| {
        error::invalid_value(format!("Could not find parameter with name: {name}"))
    })?;
    if !known.is_modifiable {
        return Err(error::invalid_value(format!("The parameter {name} cannot be modified.")));
    }
    let value = asked.parameter_value.unwrap_or_default();
    if value.contains('{') {
        return Err(error::invalid_value(format!(
            "Invalid parameter value: {value} for: {name}. Neargate takes numbers, not formulas."
        )));
    }
    known.check(&value).map_err(|bad| error::invalid_value(bad.to_string()))?;
    let apply_method = asked.apply_method.unwrap_or_default();
    match apply_method.as_str() {
        "pending-reboot" => {}
        "immediate" if !known.is_static => {}
        "immediate" => {
            return Err(error::invalid_combination(
                "cannot use immediate apply method for static parameter",
            ));
        }
        _ => {
            return Err(error::invalid_value(format!(
                "Invalid apply method for {name}: it is immediate or pending-reboot."
            )));
        }
    }
    Ok((known.name.to_owned(), SetParameter { value, apply_method }))
}
