//! CreateTrail. A new trail does not log yet: StartLogging makes it.

use neargate_api::model::cloudtrail::{Delivery, Place, Selectors, Trail};
use neargate_api::types::cloudtrail::{CreateTrailRequest, CreateTrailResponse, error};
use neargate_api::{AwsError, Ctx, Record};
use neargate_eventlog::EventLog;

use super::{name, resource, shape};
use crate::{destination, tags};

/// Trails of a region.
const LIMIT: usize = 5;

pub async fn call(
    ctx: Ctx,
    log: EventLog,
    input: CreateTrailRequest,
) -> Result<CreateTrailResponse, AwsError> {
    name::check(&input.name)?;
    if input.is_organization_trail == Some(true) {
        return Err(error::organizations_not_in_use_exception(
            "This account belongs to no organization: a trail cannot be an organization's.",
        ));
    }
    let multi_region = input.is_multi_region_trail.unwrap_or(false);
    let include_global_service_events = input.include_global_service_events.unwrap_or(true);
    check_scope(multi_region, include_global_service_events)?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let sns_topic_name = given(input.sns_topic_name);
    let sns_topic_arn = sns_topic_name.as_deref().map(|name| destination::topic(&ctx, name));
    let kms_key_id = given(input.kms_key_id).map(|key| destination::key(&ctx, &key));
    let trail = Trail {
        region: ctx.region.clone(),
        arn: resource(&ctx, &input.name),
        name: input.name,
        bucket: input.s3_bucket_name,
        key_prefix: given(input.s3_key_prefix),
        sns_topic_name,
        sns_topic_arn: sns_topic_arn.transpose()?,
        include_global_service_events,
        multi_region,
        log_file_validation: input.enable_log_file_validation.unwrap_or(false),
        log_group_arn: given(input.cloud_watch_logs_log_group_arn),
        log_role_arn: given(input.cloud_watch_logs_role_arn),
        kms_key_id: kms_key_id.transpose()?,
        logging: false,
        started_at: None,
        stopped_at: None,
        selectors: Selectors::Default,
        insight_selectors: Vec::new(),
        tags: tags::read(input.tags_list)?,
    };
    destination::check(&ctx, &trail)?;
    let end = log.end().await;
    let place = Place { segment: end.segment, offset: end.offset };
    let account = ctx.account().to_owned();
    ctx.write(move |tx| {
        let (region, name) = (&trail.region, &trail.name);
        let seen = |other: &Trail| other.region == *region || other.multi_region;
        if tx.all::<Trail>().any(|other| seen(&other) && other.name == *name) {
            let message = format!("Trail {name} already exists for customer: {account}");
            return Err(error::trail_already_exists_exception(message));
        }
        if tx.scan::<Trail>(&format!("{region}/")).count() >= LIMIT {
            let message = format!("User: {account} already has {LIMIT} trails in {region}.");
            return Err(error::maximum_number_of_trails_exceeded_exception(message));
        }
        let mut delivery = Delivery::beginning(trail.key(), place);
        delivery.until = Some(place);
        tx.put(delivery);
        tx.put(trail.clone());
        Ok(trail)
    })
    .await
    .map(|trail| shape!(CreateTrailResponse of trail;))
}

/// A trail of all regions has the global services' events.
pub fn check_scope(multi_region: bool, global: bool) -> Result<(), AwsError> {
    match multi_region && !global {
        true => Err(error::invalid_parameter_combination_exception(
            "Multi-Region trail must include global service events.",
        )),
        false => Ok(()),
    }
}
