//! GetParameter: by name or ARN, with `:version` where not the latest is wanted.

use neargate_api::model::ssm::{Parameter, ParameterVersion};
use neargate_api::types::ssm::{self, GetParameterRequest, GetParameterResult, error};
use neargate_api::{AwsError, Ctx};

use crate::encryption;
use crate::parameter::{find, not_found};

pub async fn call(ctx: Ctx, input: GetParameterRequest) -> Result<GetParameterResult, AwsError> {
    let parameter = read(&ctx, &input.name, input.with_decryption == Some(true))?;
    Ok(GetParameterResult { parameter: Some(parameter) })
}

/// A parameter with its value: in the clear, or for a SecureString as it is kept unless
/// decryption is asked for.
pub fn read(ctx: &Ctx, given: &str, decrypt: bool) -> Result<ssm::Parameter, AwsError> {
    let (name, selector) = split(given);
    let parameter = find(ctx, name).ok_or_else(|| not_found(given))?;
    let version = choose(&parameter, selector)?;
    let value = match &version.key_id {
        Some(_) if !decrypt => version.value.0.clone(),
        Some(key_id) => {
            encryption::check_key(ctx, key_id, &parameter.arn, "kms:Decrypt")?;
            encryption::open(ctx, &parameter.arn, version)?
        }
        None => encryption::open(ctx, &parameter.arn, version)?,
    };
    Ok(ssm::Parameter {
        name: Some(parameter.name.clone()),
        arn: Some(parameter.arn.clone()),
        r#type: Some(version.kind.clone()),
        value: Some(value),
        version: Some(version.number),
        selector: selector.map(|selector| format!(":{selector}")),
        last_modified_date: Some(version.modified),
        data_type: Some(version.data_type.clone()),
        source_result: None,
    })
}

/// Name (or ARN) and what follows its last colon.
fn split(given: &str) -> (&str, Option<&str>) {
    let path = given.find(":parameter").map_or(0, |at| at + ":parameter".len());
    match given[path..].split_once(':') {
        Some((name, selector)) => (&given[..path + name.len()], Some(selector)),
        None => (given, None),
    }
}

fn choose<'a>(
    parameter: &'a Parameter,
    selector: Option<&str>,
) -> Result<&'a ParameterVersion, AwsError> {
    let Some(selector) = selector else { return Ok(parameter.latest()) };
    let found = selector
        .parse()
        .ok()
        .and_then(|number: i64| parameter.versions.iter().find(|version| version.number == number));
    found.ok_or_else(|| {
        error::parameter_version_not_found(format!(
            "Systems Manager could not find version {selector} of {}. Verify the version and try again.",
            parameter.name
        ))
    })
}
