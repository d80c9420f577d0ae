//! A parameter: how it is named, found and shown.

pub mod delete;
pub mod describe;
pub mod get;
pub mod get_many;
pub mod name;
pub mod put;

use std::sync::Arc;

use neargate_api::model::ssm::Parameter;
use neargate_api::types::ssm::error;
use neargate_api::{AwsError, Ctx};

/// The ARN of a name, which may be an ARN already and may end with a version.
pub fn arn(ctx: &Ctx, given: &str) -> String {
    let name = plain_name(given);
    let slash = if name.starts_with('/') { "" } else { "/" };
    ctx.arn("ssm", format!("parameter{slash}{name}"))
}

/// The parameter of a name or an ARN, without a version.
pub fn find(ctx: &Ctx, name: &str) -> Option<Arc<Parameter>> {
    let snapshot = ctx.snapshot();
    let get = |name: &str| snapshot.get::<Parameter>(&Parameter::key_of(&ctx.region, name));
    match name.strip_prefix("arn:") {
        None => get(name),
        // A name's first slash and the ARN's own are one.
        Some(_) => {
            let path = name.split_once(":parameter")?.1;
            let found = get(path).or_else(|| get(path.strip_prefix('/')?));
            found.filter(|parameter| parameter.arn == name)
        }
    }
}

pub fn not_found(name: &str) -> AwsError {
    error::parameter_not_found(format!("Parameter {name} not found."))
}

/// The name within an ARN or a name with a version or label.
fn plain_name(given: &str) -> &str {
    let path = match given.strip_prefix("arn:").and_then(|rest| rest.split_once(":parameter")) {
        Some((_, path)) => path,
        None => given,
    };
    path.split_once(':').map_or(path, |(name, _)| name)
}
