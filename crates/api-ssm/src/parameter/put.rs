//! PutParameter: a new parameter, or a new version of one.

use neargate_api::model::ssm::{Parameter, ParameterVersion};
use neargate_api::types::ssm::{PutParameterRequest, PutParameterResult, error};
use neargate_api::{AwsError, Ctx};
use regex::Regex;

use crate::parameter::{self, name};
use crate::{encryption, tags};

const STANDARD_LIMIT: usize = 4096;
const ADVANCED_LIMIT: usize = 8192;
const VERSIONS_KEPT: usize = 100;
const SECURE: &str = "SecureString";

pub async fn call(ctx: Ctx, input: PutParameterRequest) -> Result<PutParameterResult, AwsError> {
    name::check(&input.name)?;
    check(&input)?;
    let tier = tier(&input)?;
    let added = tags::read(input.tags.clone())?;
    let arn = parameter::arn(&ctx, &input.name);
    let key = Parameter::key_of(&ctx.region, &input.name);
    let shown_tier = tier.to_owned();
    let inner = ctx.clone();
    let number = ctx
        .write(move |tx| {
            let there = tx.get::<Parameter>(&key);
            let mut parameter = match there {
                Some(_) if input.overwrite != Some(true) => {
                    return Err(error::parameter_already_exists(
                        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
                    ));
                }
                Some(there) => Parameter::clone(&there),
                None => Parameter {
                    region: inner.region.clone(),
                    name: input.name.clone(),
                    arn,
                    tags: added,
                    versions: Vec::new(),
                },
            };
            let version = version(&inner, &parameter, input, tier)?;
            let number = version.number;
            parameter.versions.push(version);
            let surplus = parameter.versions.len().saturating_sub(VERSIONS_KEPT);
            parameter.versions.drain(..surplus);
            tx.put(parameter);
            Ok(number)
        })
        .await?;
    Ok(PutParameterResult { version: Some(number), tier: Some(shown_tier) })
}

/// What can be told from the request alone.
fn check(input: &PutParameterRequest) -> Result<(), AwsError> {
    let invalid = |message: &str| Err(AwsError::new(400, "ValidationException", message));
    if input.value.is_empty() {
        return invalid(
            "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
        );
    }
    if input.overwrite == Some(true) && input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        return invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        );
    }
    if input.data_type.as_deref().is_some_and(|kind| kind != "text") {
        return invalid("DataType: this Neargate knows the data type text only.");
    }
    let policies = input.policies.as_deref().unwrap_or_default().replace(char::is_whitespace, "");
    if !matches!(policies.as_str(), "" | "[]" | "[{}]") {
        return Err(error::invalid_policy_type_exception(
            "Policies: this Neargate has no parameter policies.",
        ));
    }
    check_pattern(input)
}

fn check_pattern(input: &PutParameterRequest) -> Result<(), AwsError> {
    let Some(pattern) = input.allowed_pattern.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
        error::invalid_allowed_pattern_exception(format!(
            "The allowed pattern {pattern} is not a valid regular expression."
        ))
    })?;
    match whole.is_match(&input.value) {
        true => Ok(()),
        false => Err(error::parameter_pattern_mismatch_exception(format!(
            "Parameter value, cannot be validated against allowedPattern: {pattern}"
        ))),
    }
}

/// `Standard` unless `Advanced` is asked for, or needed where either will do.
fn tier(input: &PutParameterRequest) -> Result<&'static str, AwsError> {
    let size = input.value.len();
    let asked = input.tier.as_deref().unwrap_or("Standard");
    let advanced = asked == "Advanced" || (asked == "Intelligent-Tiering" && size > STANDARD_LIMIT);
    let (tier, limit, advice) = match advanced {
        true => ("Advanced", ADVANCED_LIMIT, ""),
        false => (
            "Standard",
            STANDARD_LIMIT,
            " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        ),
    };
    match size > limit {
        false => Ok(tier),
        true => Err(AwsError::new(
            400,
            "ValidationException",
            format!(
                "{tier} tier parameters support a maximum parameter value of {limit} characters.{advice}"
            ),
        )),
    }
}

/// The next version of a parameter; what is not given stays as it was.
fn version(
    ctx: &Ctx,
    parameter: &Parameter,
    input: PutParameterRequest,
    tier: &str,
) -> Result<ParameterVersion, AwsError> {
    let before = parameter.versions.last();
    let kind = match (&input.r#type, before) {
        (Some(kind), Some(before)) if *kind != before.kind => {
            return Err(error::hierarchy_type_mismatch_exception(format!(
                "The type of parameter {} cannot be changed from {} to {kind}: make a new parameter.",
                parameter.name, before.kind
            )));
        }
        (Some(kind), _) => kind.clone(),
        (None, Some(before)) => before.kind.clone(),
        (None, None) => {
            return Err(AwsError::new(
                400,
                "ValidationException",
                "A parameter type is required when you create a parameter.",
            ));
        }
    };
    let key_id = key(&kind, input.key_id, before)?;
    if let Some(key_id) = &key_id {
        encryption::check_key(ctx, key_id, &parameter.arn, "kms:Encrypt")?;
    }
    let number = before.map_or(1, |before| before.number + 1);
    Ok(ParameterVersion {
        number,
        kind,
        value: encryption::seal(ctx, &parameter.arn, number, &input.value),
        modified: ctx.now,
        modified_by: ctx.caller.arn(ctx.account()),
        description: input.description.or_else(|| before?.description.clone()),
        allowed_pattern: input.allowed_pattern.or_else(|| before?.allowed_pattern.clone()),
        key_id,
        tier: tier.to_owned(),
        data_type: "text".into(),
    })
}

fn key(
    kind: &str,
    given: Option<String>,
    before: Option<&ParameterVersion>,
) -> Result<Option<String>, AwsError> {
    if kind == SECURE {
        let kept = || before.and_then(|before| before.key_id.clone());
        return Ok(given.or_else(kept).or_else(|| Some(encryption::MANAGED_KEY.into())));
    }
    match given {
        None => Ok(None),
        Some(_) => Err(AwsError::new(
            400,
            "ValidationException",
            "KeyId is required for SecureString type parameter only.",
        )),
    }
}
