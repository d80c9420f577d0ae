//! UpdateTrail: what is given changes; an empty text takes a setting away.

use neargate_api::model::cloudtrail::Trail;
use neargate_api::types::cloudtrail::{UpdateTrailRequest, UpdateTrailResponse, error};
use neargate_api::{AwsError, Ctx, Record};

use super::create::check_scope;
use super::{key_at_home, shape, unknown};
use crate::destination;

pub async fn call(ctx: Ctx, input: UpdateTrailRequest) -> Result<UpdateTrailResponse, AwsError> {
    let key = key_at_home(&ctx, &input.name)?;
    let missing = unknown(&ctx, &input.name);
    let trail = ctx.snapshot().get::<Trail>(&key).ok_or_else(|| missing.clone())?;
    let mut wanted = Trail::clone(&trail);
    change(&ctx, &mut wanted, input)?;
    destination::check(&ctx, &wanted)?;
    ctx.write(move |tx| {
        let current = tx.get::<Trail>(&wanted.key()).ok_or(missing)?;
        // What other operations change stays theirs.
        let Trail { logging, started_at, stopped_at, selectors, insight_selectors, tags, .. } =
            Trail::clone(&current);
        let changed =
            Trail { logging, started_at, stopped_at, selectors, insight_selectors, tags, ..wanted };
        tx.put(changed.clone());
        Ok(changed)
    })
    .await
    .map(|trail| shape!(UpdateTrailResponse of trail;))
}

fn change(ctx: &Ctx, trail: &mut Trail, input: UpdateTrailRequest) -> Result<(), AwsError> {
    if input.is_organization_trail == Some(true) {
        return Err(error::organizations_not_in_use_exception(
            "This account belongs to no organization: a trail cannot be an organization's.",
        ));
    }
    let set = |field: &mut Option<String>, given: Option<String>| {
        if let Some(text) = given {
            *field = Some(text).filter(|text| !text.is_empty());
        }
    };
    set(&mut trail.log_group_arn, input.cloud_watch_logs_log_group_arn);
    set(&mut trail.log_role_arn, input.cloud_watch_logs_role_arn);
    set(&mut trail.key_prefix, input.s3_key_prefix);
    if let Some(name) = input.sns_topic_name {
        let name = Some(name).filter(|name| !name.is_empty());
        trail.sns_topic_arn =
            name.as_deref().map(|name| destination::topic(ctx, name)).transpose()?;
        trail.sns_topic_name = name;
    }
    if let Some(key) = input.kms_key_id {
        let key = Some(key).filter(|key| !key.is_empty());
        trail.kms_key_id = key.as_deref().map(|key| destination::key(ctx, key)).transpose()?;
    }
    if let Some(bucket) = input.s3_bucket_name {
        trail.bucket = bucket;
    }
    trail.multi_region = input.is_multi_region_trail.unwrap_or(trail.multi_region);
    let global = input.include_global_service_events;
    trail.include_global_service_events = global.unwrap_or(trail.include_global_service_events);
    let validated = input.enable_log_file_validation;
    trail.log_file_validation = validated.unwrap_or(trail.log_file_validation);
    check_scope(trail.multi_region, trail.include_global_service_events)
}
