//! `aws_cloudtrail`: a trail, with its log switched on or off. Its id is its ARN.
//! Selections of events are not supported: it writes all management events.

use async_trait::async_trait;
use neargate_api_types::cloudtrail::{self as api, Tag};
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::tags;

pub struct Trail;

const MISSING: [&str; 1] = ["TrailNotFoundException"];

#[async_trait]
impl Resource for Trail {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["name"],
            defaults: &[
                ("enable_log_file_validation", Fallback::Bool(false)),
                ("enable_logging", Fallback::Bool(true)),
                ("include_global_service_events", Fallback::Bool(true)),
                ("is_multi_region_trail", Fallback::Bool(false)),
                ("is_organization_trail", Fallback::Bool(false)),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        supported(planned)?;
        let tags = planned.map("tags_all");
        let tag = |(key, value)| Tag { key, value: Some(value) };
        let input = api::CreateTrailRequest {
            cloud_watch_logs_log_group_arn: planned.string("cloud_watch_logs_group_arn"),
            cloud_watch_logs_role_arn: planned.string("cloud_watch_logs_role_arn"),
            enable_log_file_validation: planned.bool("enable_log_file_validation"),
            include_global_service_events: planned.bool("include_global_service_events"),
            is_multi_region_trail: planned.bool("is_multi_region_trail"),
            is_organization_trail: planned.bool("is_organization_trail"),
            kms_key_id: planned.string("kms_key_id"),
            name: planned.required("name"),
            s3_bucket_name: planned.required("s3_bucket_name"),
            s3_key_prefix: planned.string("s3_key_prefix"),
            sns_topic_name: planned.string("sns_topic_name"),
            tags_list: (!tags.is_empty()).then(|| tags.into_iter().map(tag).collect()),
            ..Default::default()
        };
        Ok(cloud.call::<api::CreateTrail>(&input).await?.trail_arn.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        if planned.is("enable_logging") { log(cloud, planned).await } else { Ok(()) }
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let input =
            api::DescribeTrailsRequest { trail_name_list: Some(vec![id]), ..Default::default() };
        let described = found(cloud.call::<api::DescribeTrails>(&input).await, &MISSING)?;
        let trail = described.and_then(|output| output.trail_list?.into_iter().next());
        let Some(trail) = trail else { return Ok(None) };
        let arn = trail.trail_arn.unwrap_or_default();
        let input = api::GetTrailStatusRequest { name: arn.clone() };
        let status = cloud.call::<api::GetTrailStatus>(&input).await?;
        known.extend(json!({
            "arn": arn,
            "cloud_watch_logs_group_arn": trail.cloud_watch_logs_log_group_arn.unwrap_or_default(),
            "cloud_watch_logs_role_arn": trail.cloud_watch_logs_role_arn.unwrap_or_default(),
            "enable_log_file_validation": trail.log_file_validation_enabled.unwrap_or(false),
            "enable_logging": status.is_logging.unwrap_or(false),
            "home_region": trail.home_region,
            "id": arn,
            "include_global_service_events": trail.include_global_service_events.unwrap_or(false),
            "is_multi_region_trail": trail.is_multi_region_trail.unwrap_or(false),
            "is_organization_trail": trail.is_organization_trail.unwrap_or(false),
            "kms_key_id": trail.kms_key_id.unwrap_or_default(),
            "name": trail.name,
            "s3_bucket_name": trail.s3_bucket_name,
            "s3_key_prefix": trail.s3_key_prefix.unwrap_or_default(),
            "sns_topic_arn": trail.sns_topic_arn.unwrap_or_default(),
            "sns_topic_name": trail.sns_topic_name.unwrap_or_default(),
        }));
        let input = api::ListTagsRequest { resource_id_list: vec![arn], ..Default::default() };
        let listed = cloud.call::<api::ListTags>(&input).await?.resource_tag_list;
        let has = listed
            .unwrap_or_default()
            .into_iter()
            .flat_map(|one| one.tags_list.unwrap_or_default());
        tags::set(
            &mut known,
            cloud,
            has.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect(),
        );
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        supported(planned)?;
        if let Some(input) = changed(prior, planned) {
            cloud.call::<api::UpdateTrail>(&input).await?;
        }
        if prior.differs(planned, "enable_logging") {
            log(cloud, planned).await?;
        }
        let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else {
            return Ok(());
        };
        if !removed.is_empty() {
            let tags_list = removed.into_iter().map(|key| Tag { key, value: None }).collect();
            let input = api::RemoveTagsRequest { resource_id: planned.id(), tags_list };
            cloud.call::<api::RemoveTags>(&input).await?;
        }
        if !set.is_empty() {
            let tags_list =
                set.into_iter().map(|(key, value)| Tag { key, value: Some(value) }).collect();
            let input = api::AddTagsRequest { resource_id: planned.id(), tags_list };
            cloud.call::<api::AddTags>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DeleteTrailRequest { name: prior.id() };
        found(cloud.call::<api::DeleteTrail>(&input).await, &MISSING)?;
        Ok(())
    }
}

fn supported(planned: &Attributes) -> Result<(), Failure> {
    let selectors = ["advanced_event_selector", "event_selector", "insight_selector"];
    match selectors.into_iter().find(|name| planned.block(name).is_some()) {
        Some(name) => {
            Err(Failure::told(format!("aws_cloudtrail does not support {name}: leave it out")))
        }
        None => Ok(()),
    }
}

/// Only what changes; a text that is taken away is an empty one.
fn changed(prior: &Attributes, planned: &Attributes) -> Option<api::UpdateTrailRequest> {
    let text = |name| prior.differs(planned, name).then(|| planned.required(name));
    let truth = |name| planned.bool(name).filter(|_| prior.differs(planned, name));
    let none = api::UpdateTrailRequest { name: planned.id(), ..Default::default() };
    let input = api::UpdateTrailRequest {
        cloud_watch_logs_log_group_arn: text("cloud_watch_logs_group_arn"),
        cloud_watch_logs_role_arn: text("cloud_watch_logs_role_arn"),
        enable_log_file_validation: truth("enable_log_file_validation"),
        include_global_service_events: truth("include_global_service_events"),
        is_multi_region_trail: truth("is_multi_region_trail"),
        is_organization_trail: truth("is_organization_trail"),
        kms_key_id: text("kms_key_id"),
        s3_bucket_name: text("s3_bucket_name"),
        s3_key_prefix: text("s3_key_prefix"),
        sns_topic_name: text("sns_topic_name"),
        ..none.clone()
    };
    (input != none).then_some(input)
}

/// Switches its log on or off.
async fn log(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let name = planned.id();
    if planned.is("enable_logging") {
        cloud.call::<api::StartLogging>(&api::StartLoggingRequest { name }).await?;
    } else {
        cloud.call::<api::StopLogging>(&api::StopLoggingRequest { name }).await?;
    }
    Ok(())
}
