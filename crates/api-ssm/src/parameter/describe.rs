//! DescribeParameters: everything but the values, filtered.

use std::sync::Arc;

use neargate_api::model::ssm::Parameter;
use neargate_api::types::ssm::{
    DescribeParametersRequest, DescribeParametersResult, ParameterMetadata, ParameterStringFilter,
    error,
};
use neargate_api::{AwsError, Ctx, page};

const PAGE: usize = 10;

pub async fn call(
    ctx: Ctx,
    input: DescribeParametersRequest,
) -> Result<DescribeParametersResult, AwsError> {
    let filters = filters(&input)?;
    let shared_only = input.shared == Some(true);
    let snapshot = ctx.snapshot();
    let found = snapshot
        .scan::<Parameter>(&Parameter::key_of(&ctx.region, ""))
        .filter(|parameter| !shared_only && filters.iter().all(|filter| passes(parameter, filter)));
    let limit = input.max_results.map_or(PAGE, |n| n as usize);
    let token = input.next_token.as_deref();
    let page = page(found, |parameter: &Arc<Parameter>| parameter.name.clone(), token, limit)
        .ok_or_else(|| error::invalid_next_token("The NextToken is not valid."))?;
    Ok(DescribeParametersResult {
        parameters: Some(page.items.iter().map(|parameter| shown(parameter)).collect()),
        next_token: page.next_token,
    })
}

/// Both forms of filters as the newer one, checked.
fn filters(input: &DescribeParametersRequest) -> Result<Vec<ParameterStringFilter>, AwsError> {
    let old = input.filters.iter().flatten().map(|filter| ParameterStringFilter {
        key: filter.key.clone(),
        option: None,
        values: Some(filter.values.clone()),
    });
    let all: Vec<_> = input.parameter_filters.iter().flatten().cloned().chain(old).collect();
    for filter in &all {
        check(filter)?;
    }
    Ok(all)
}

fn check(filter: &ParameterStringFilter) -> Result<(), AwsError> {
    let options: &[&str] = match filter.key.as_str() {
        "Name" => &["Equals", "BeginsWith", "Contains"],
        "Path" => &["Recursive", "OneLevel"],
        "Type" | "KeyId" | "Tier" | "DataType" => &["Equals", "BeginsWith"],
        key if key.starts_with("tag:") => &["Equals"],
        key => {
            return Err(error::invalid_filter_key(format!(
                "The following filter key is not valid: {key}. Valid filter keys include: [Path, Name, Type, KeyId, Tier, DataType, tag:]."
            )));
        }
    };
    match filter.option.as_deref() {
        Some(option) if !options.contains(&option) => Err(error::invalid_filter_option(format!(
            "The following filter option is not valid: {option}. Valid options include: [{}].",
            options.join(", ")
        ))),
        _ => Ok(()),
    }
}

fn passes(parameter: &Parameter, filter: &ParameterStringFilter) -> bool {
    let latest = parameter.latest();
    let values = filter.values.as_deref().unwrap_or_default();
    if filter.key == "Path" {
        return values.iter().any(|path| is_under(&parameter.name, path, filter.option.as_deref()));
    }
    let actual = match filter.key.as_str() {
        "Name" => Some(parameter.name.as_str()),
        "Type" => Some(latest.kind.as_str()),
        "KeyId" => latest.key_id.as_deref(),
        "Tier" => Some(latest.tier.as_str()),
        "DataType" => Some(latest.data_type.as_str()),
        key => key.strip_prefix("tag:").and_then(|key| parameter.tags.get(key)).map(String::as_str),
    };
    let Some(actual) = actual else { return false };
    match filter.option.as_deref() {
        _ if values.is_empty() => true,
        Some("BeginsWith") => values.iter().any(|value| actual.starts_with(value.as_str())),
        Some("Contains") => values.iter().any(|value| actual.contains(value.as_str())),
        _ => values.iter().any(|value| actual == value),
    }
}

fn is_under(name: &str, path: &str, option: Option<&str>) -> bool {
    let Some(rest) = name.strip_prefix(path.trim_end_matches('/')) else { return false };
    let Some(rest) = rest.strip_prefix('/') else { return false };
    option == Some("Recursive") || !rest.contains('/')
}

fn shown(parameter: &Parameter) -> ParameterMetadata {
    let latest = parameter.latest();
    ParameterMetadata {
        name: Some(parameter.name.clone()),
        arn: Some(parameter.arn.clone()),
        r#type: Some(latest.kind.clone()),
        key_id: latest.key_id.clone(),
        last_modified_date: Some(latest.modified),
        last_modified_user: Some(latest.modified_by.clone()),
        description: latest.description.clone(),
        allowed_pattern: latest.allowed_pattern.clone(),
        version: Some(latest.number),
        tier: Some(latest.tier.clone()),
        policies: Some(Vec::new()),
        data_type: Some(latest.data_type.clone()),
    }
}
