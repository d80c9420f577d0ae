//! Aliases: names for keys, which can be moved from one to another.

pub mod create;
pub mod delete;
pub mod list;
pub mod update;

use neargate_api::types::kms::error;
use neargate_api::{AwsError, Ctx};

/// Refuses names that AWS keeps for itself, and what is no alias's name.
fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
    let rest = name.strip_prefix("alias/").filter(|rest| !rest.is_empty());
    let Some(rest) = rest else {
        return Err(AwsError::new(400, "ValidationException", "Invalid identifier"));
    };
    if rest.starts_with("aws/") || rest == "aws" {
        return Err(error::invalid_alias_name_exception(format!(
            "{name}: the prefix alias/aws/ is reserved for keys that AWS manages."
        )));
    }
    match rest.chars().all(allowed) {
        true => Ok(()),
        false => Err(error::invalid_alias_name_exception(
            "Alias must only contain alphanumeric characters, slashes, underscores, colons and dashes.",
        )),
    }
}

/// The permission on the alias itself; the key's is asked for beside it.
fn authorize(ctx: &Ctx, action: &str, name: &str) -> Result<(), AwsError> {
    ctx.authorize(action, &ctx.arn("kms", name))
}

fn not_found(ctx: &Ctx, name: &str) -> AwsError {
    error::not_found_exception(format!("Alias {} is not found.", ctx.arn("kms", name)))
}
