//! DescribeDBParameters: every parameter of a group with its value; those that
//! the user set have the source `user`.

use neargate_api::model::rds::{ParameterGroup, defaults_of, parameters};
use neargate_api::types::rds::{DBParameterGroupDetails, DescribeDBParametersMessage, Parameter};
use neargate_api::{AwsError, Ctx, model::rds};

use crate::error;
use crate::listing::cut;

pub async fn call(
    ctx: Ctx,
    input: DescribeDBParametersMessage,
) -> Result<DBParameterGroupDetails, AwsError> {
    let group = super::find(&ctx, &ctx.snapshot(), &input.db_parameter_group_name)?;
    let source = input.source.as_deref();
    if source.is_some_and(|source| !["user", "system", "engine-default"].contains(&source)) {
        return Err(error::invalid_value("Invalid Source: it is user, system or engine-default."));
    }
    let wanted = |shown: &Parameter| source.is_none() || shown.source.as_deref() == source;
    let all = parameters().iter().map(|parameter| shape(&group, parameter)).filter(wanted);
    let name = |shown: &Parameter| shown.parameter_name.clone().unwrap_or_default();
    let (shown, marker) = cut(all.collect(), name, input.marker.as_deref(), input.max_records)?;
    Ok(DBParameterGroupDetails { parameters: Some(shown), marker })
}

fn shape(group: &ParameterGroup, parameter: &rds::Parameter) -> Parameter {
    let set = group.parameters.get(parameter.name);
    let system = defaults_of(&group.family).get(parameter.name).cloned();
    let source = match (set, &system) {
        (Some(_), _) => "user",
        (None, Some(_)) => "system",
        (None, None) => "engine-default",
    };
    Parameter {
        allowed_values: parameter.allowed(),
        apply_method: Some(set.map_or_else(|| "pending-reboot".into(), |s| s.apply_method.clone())),
        apply_type: Some(if parameter.is_static { "static" } else { "dynamic" }.into()),
        data_type: Some(parameter.data_type().into()),
        description: Some(parameter.description.into()),
        is_modifiable: Some(parameter.is_modifiable),
        parameter_name: Some(parameter.name.into()),
        parameter_value: set.map(|set| set.value.clone()).or(system),
        source: Some(source.into()),
        ..Parameter::default()
    }
}
