//! Trails: what their operations share.

pub mod create;
pub mod delete;
pub mod describe;
pub mod get;
pub mod list;
pub mod logging;
mod name;
pub mod status;
pub mod update;

use std::sync::Arc;

use neargate_api::model::cloudtrail::{Selectors, Trail};
use neargate_api::types::cloudtrail::{self as types, error};
use neargate_api::{AwsError, Ctx, Snapshot};

/// The ARN that a name or an ARN means in this request.
pub fn resource(ctx: &Ctx, name: &str) -> String {
    match name.starts_with("arn:") {
        true => name.to_owned(),
        false => ctx.arn("cloudtrail", format!("trail/{name}")),
    }
}

/// Home region and name of the trail that a name or an ARN means.
fn named(ctx: &Ctx, given: &str) -> Result<(String, String), AwsError> {
    let Some(rest) = given.strip_prefix("arn:") else {
        name::check(given)?;
        return Ok((ctx.region.clone(), given.to_owned()));
    };
    let parts: Vec<&str> = rest.splitn(5, ':').collect();
    match parts.as_slice() {
        [_, "cloudtrail", region, _, resource] if resource.starts_with("trail/") => {
            Ok(((*region).to_owned(), resource.trim_start_matches("trail/").to_owned()))
        }
        _ => Err(error::cloud_trail_arn_invalid_exception(format!(
            "Invalid ARN: {given} is not the ARN of a trail \
             (arn:aws:cloudtrail:us-west-2:123456789012:trail/MyTrail)."
        ))),
    }
}

/// The key of the trail that a name or an ARN means, whether it is there or not.
pub fn key(ctx: &Ctx, given: &str) -> Result<String, AwsError> {
    let (region, name) = named(ctx, given)?;
    Ok(Trail::key_of(&region, &name))
}

/// The key of a trail that is to be changed: only its home region may.
pub fn key_at_home(ctx: &Ctx, given: &str) -> Result<String, AwsError> {
    let (region, name) = named(ctx, given)?;
    let snapshot = ctx.snapshot();
    let key = Trail::key_of(&region, &name);
    let elsewhere = match snapshot.contains::<Trail>(&key) {
        true => Some(region.clone()),
        false => shadow_of(&snapshot, &name).map(|trail| trail.region.clone()),
    };
    match elsewhere.filter(|home| *home != ctx.region) {
        Some(home) => Err(error::invalid_home_region_exception(format!(
            "The trail {name} can be changed in its home region only: {home}."
        ))),
        None => Ok(key),
    }
}

/// The trail of another region that is seen in all of them under this name.
fn shadow_of(snapshot: &Snapshot, name: &str) -> Option<Arc<Trail>> {
    snapshot.all::<Trail>().find(|trail| trail.multi_region && trail.name == name)
}

/// A trail that is there.
pub fn find(ctx: &Ctx, given: &str) -> Result<Arc<Trail>, AwsError> {
    let (region, name) = named(ctx, given)?;
    let snapshot = ctx.snapshot();
    let found = snapshot.get::<Trail>(&Trail::key_of(&region, &name));
    let found = found.or_else(|| shadow_of(&snapshot, &name).filter(|_| given == name));
    found.ok_or_else(|| unknown(ctx, given))
}

pub fn unknown(ctx: &Ctx, given: &str) -> AwsError {
    error::trail_not_found_exception(format!(
        "Unknown trail: {} for the user: {}",
        resource(ctx, given),
        ctx.account()
    ))
}

/// The folder of a trail's files in its bucket: `prefix/AWSLogs/123456789012/`.
pub fn object_prefix(key_prefix: Option<&str>, account: &str) -> String {
    match key_prefix {
        Some(prefix) => format!("{}/AWSLogs/{account}/", prefix.trim_end_matches('/')),
        None => format!("AWSLogs/{account}/"),
    }
}

/// A trail as one of the shapes that AWS has for it: the answers of CreateTrail and
/// UpdateTrail have the same members, and `Trail` some more.
macro_rules! shape {
    ($shape:ident of $trail:expr; $($more:tt)*) => {
        $shape {
            cloud_watch_logs_log_group_arn: $trail.log_group_arn.clone(),
            cloud_watch_logs_role_arn: $trail.log_role_arn.clone(),
            include_global_service_events: Some($trail.include_global_service_events),
            is_multi_region_trail: Some($trail.multi_region),
            is_organization_trail: Some(false),
            kms_key_id: $trail.kms_key_id.clone(),
            log_file_validation_enabled: Some($trail.log_file_validation),
            name: Some($trail.name.clone()),
            recursive_logging: None,
            s3_bucket_name: Some($trail.bucket.clone()),
            s3_key_prefix: $trail.key_prefix.clone(),
            sns_topic_arn: $trail.sns_topic_arn.clone(),
            sns_topic_name: $trail.sns_topic_name.clone(),
            trail_arn: Some($trail.arn.clone()),
            $($more)*
        }
    };
}
use shape;

/// A trail as it is shown.
fn shown(trail: &Trail) -> types::Trail {
    use types::Trail as Shown;
    shape!(Shown of trail;
        has_custom_event_selectors: Some(trail.selectors != Selectors::Default),
        has_insight_selectors: Some(!trail.insight_selectors.is_empty()),
        home_region: Some(trail.region.clone()),
    )
}
