//! What a parameter may be called.
//! Source: the description of `Name` in the PutParameter reference.

use neargate_api::AwsError;
use neargate_api::types::ssm::error;

const LEVELS: usize = 15;

pub fn check(name: &str) -> Result<(), AwsError> {
    let invalid = |message: &str| Err(AwsError::new(400, "ValidationException", message));
    if name.contains('/') && !name.starts_with('/') {
        return invalid("Parameter name must be a fully qualified name.");
    }
    let parts: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if parts.iter().any(|part| part.is_empty() || !part.chars().all(allowed)) {
        return invalid(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_",
        );
    }
    let first = parts[0].to_ascii_lowercase();
    if first.starts_with("aws") || first.starts_with("ssm") {
        return match name.starts_with('/') && first == "aws" {
            true => Err(AwsError::new(
                400,
                "AccessDeniedException",
                format!("No access to reserved parameter name: {name}."),
            )),
            false => invalid(
                "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_",
            ),
        };
    }
    if parts.len() > LEVELS {
        return Err(error::hierarchy_level_limit_exceeded_exception(format!(
            "A parameter name can have at most {LEVELS} levels."
        )));
    }
    Ok(())
}
