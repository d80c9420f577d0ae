//! `aws_sns_topic`. All but its name is attributes that SNS sets one at a time, by
//! names of its own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::sns::{self as api, Tag};
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::security_group::prefix_of;
use crate::{policy, tags};

pub struct Topic;

pub const MISSING: [&str; 2] = ["NotFound", "NotFoundException"];

/// What an attribute's value is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bool,
    Json,
    Number,
    Text,
}

/// Ours, SNS's.
const SETTINGS: [(&str, &str, Kind); 24] = [
    ("application_failure_feedback_role_arn", "ApplicationFailureFeedbackRoleArn", Kind::Text),
    ("application_success_feedback_role_arn", "ApplicationSuccessFeedbackRoleArn", Kind::Text),
    (
        "application_success_feedback_sample_rate",
        "ApplicationSuccessFeedbackSampleRate",
        Kind::Number,
    ),
    ("archive_policy", "ArchivePolicy", Kind::Json),
    ("content_based_deduplication", "ContentBasedDeduplication", Kind::Bool),
    ("delivery_policy", "DeliveryPolicy", Kind::Json),
    ("display_name", "DisplayName", Kind::Text),
    ("fifo_throughput_scope", "FifoThroughputScope", Kind::Text),
    ("firehose_failure_feedback_role_arn", "FirehoseFailureFeedbackRoleArn", Kind::Text),
    ("firehose_success_feedback_role_arn", "FirehoseSuccessFeedbackRoleArn", Kind::Text),
    ("firehose_success_feedback_sample_rate", "FirehoseSuccessFeedbackSampleRate", Kind::Number),
    ("http_failure_feedback_role_arn", "HTTPFailureFeedbackRoleArn", Kind::Text),
    ("http_success_feedback_role_arn", "HTTPSuccessFeedbackRoleArn", Kind::Text),
    ("http_success_feedback_sample_rate", "HTTPSuccessFeedbackSampleRate", Kind::Number),
    ("kms_master_key_id", "KmsMasterKeyId", Kind::Text),
    ("lambda_failure_feedback_role_arn", "LambdaFailureFeedbackRoleArn", Kind::Text),
    ("lambda_success_feedback_role_arn", "LambdaSuccessFeedbackRoleArn", Kind::Text),
    ("lambda_success_feedback_sample_rate", "LambdaSuccessFeedbackSampleRate", Kind::Number),
    ("policy", "Policy", Kind::Json),
    ("signature_version", "SignatureVersion", Kind::Number),
    ("sqs_failure_feedback_role_arn", "SQSFailureFeedbackRoleArn", Kind::Text),
    ("sqs_success_feedback_role_arn", "SQSSuccessFeedbackRoleArn", Kind::Text),
    ("sqs_success_feedback_sample_rate", "SQSSuccessFeedbackSampleRate", Kind::Number),
    ("tracing_config", "TracingConfig", Kind::Text),
];

#[async_trait]
impl Resource for Topic {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["fifo_topic", "name", "name_prefix"],
            defaults: &[
                ("content_based_deduplication", Fallback::Bool(false)),
                ("fifo_topic", Fallback::Bool(false)),
            ],
            json: &["archive_policy", "delivery_policy", "policy"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let is_fifo = planned.is("fifo_topic");
        let name = name(cloud, planned);
        let mut attributes = BTreeMap::new();
        if is_fifo {
            attributes.insert("FifoTopic".to_owned(), "true".to_owned());
        }
        for (ours, theirs, _) in SETTINGS {
            let zero = ours.ends_with("_sample_rate").then(|| "0".to_owned());
            if let Some(value) = value(planned, ours).or(zero) {
                attributes.insert(theirs.to_owned(), value);
            }
        }
        let input = api::CreateTopicInput {
            attributes: Some(attributes).filter(|attributes| !attributes.is_empty()),
            data_protection_policy: None,
            name,
            tags: Some(list(planned.map("tags_all"))).filter(|tags| !tags.is_empty()),
        };
        Ok(cloud.call::<api::CreateTopic>(&input).await?.topic_arn.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let Some(has) = attributes(cloud, &arn).await? else { return Ok(None) };
        for (ours, theirs, kind) in SETTINGS {
            known.set(ours, stated(kind, known.text(ours), has.get(theirs)));
        }
        let name = arn.rsplit(':').next().unwrap_or_default().to_owned();
        let unsuffixed = name.strip_suffix(".fifo").unwrap_or(&name);
        known.extend(json!({
            "arn": arn,
            "beginning_archive_time": has.get("BeginningArchiveTime").cloned().unwrap_or_default(),
            "fifo_topic": has.get("FifoTopic").is_some_and(|is| is == "true"),
            "name_prefix": prefix_of(unsuffixed, &known),
            "name": name,
            "owner": has.get("Owner"),
        }));
        let input = api::ListTagsForResourceRequest { resource_arn: arn };
        let listed = cloud.call::<api::ListTagsForResource>(&input).await?.tags.unwrap_or_default();
        tags::set(&mut known, cloud, listed.into_iter().map(|tag| (tag.key, tag.value)).collect());
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        for (ours, theirs, kind) in SETTINGS {
            let to = sent(kind, planned, ours);
            if to != sent(kind, prior, ours) {
                set(cloud, &planned.id(), theirs, Some(to)).await?;
            }
        }
        let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else {
            return Ok(());
        };
        if !removed.is_empty() {
            let input = api::UntagResourceRequest { resource_arn: planned.id(), tag_keys: removed };
            cloud.call::<api::UntagResource>(&input).await?;
        }
        if !set.is_empty() {
            let input = api::TagResourceRequest { resource_arn: planned.id(), tags: list(set) };
            cloud.call::<api::TagResource>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DeleteTopicInput { topic_arn: prior.id() };
        found(cloud.call::<api::DeleteTopic>(&input).await, &MISSING)?;
        Ok(())
    }
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}

/// A setting as SNS takes it; nothing where it is what it is anyway.
fn value(planned: &Attributes, name: &str) -> Option<String> {
    match planned.get(name) {
        Json::Bool(truth) => truth.then(|| "true".to_owned()),
        Json::Number(number) => Some(number.to_string()).filter(|number| number != "0"),
        _ => planned.string(name),
    }
}

/// A setting as SNS takes it when it changes: one that is given up is what it is without.
fn sent(kind: Kind, attributes: &Attributes, name: &str) -> String {
    match (attributes.get(name), kind) {
        (Json::Null, Kind::Bool) => "false".to_owned(),
        (Json::Null, Kind::Number) => "0".to_owned(),
        (Json::Null, Kind::Json | Kind::Text) => String::new(),
        (Json::String(text), _) => text.clone(),
        (other, _) => other.to_string(),
    }
}

/// A setting as the state has it.
fn stated(kind: Kind, known: Option<&str>, has: Option<&String>) -> Json {
    let text = has.map(String::as_str).unwrap_or_default();
    match kind {
        Kind::Bool => json!(text == "true"),
        Kind::Json if text.is_empty() => json!(""),
        Kind::Json => json!(policy::kept(known, text)),
        Kind::Number => json!(text.parse::<i64>().unwrap_or(0)),
        Kind::Text => json!(text),
    }
}

/// What SNS says of a topic; nothing where there is none.
pub async fn attributes(
    cloud: &Cloud,
    arn: &str,
) -> Result<Option<BTreeMap<String, String>>, Failure> {
    let input = api::GetTopicAttributesInput { topic_arn: arn.to_owned() };
    let has = found(cloud.call::<api::GetTopicAttributes>(&input).await, &MISSING)?;
    Ok(has.map(|output| output.attributes.unwrap_or_default()))
}

/// Sets one attribute by SNS's name.
pub async fn set(
    cloud: &Cloud,
    arn: &str,
    name: &str,
    value: Option<String>,
) -> Result<(), Failure> {
    let input = api::SetTopicAttributesInput {
        attribute_name: name.to_owned(),
        attribute_value: Some(value.unwrap_or_default()),
        topic_arn: arn.to_owned(),
    };
    cloud.call::<api::SetTopicAttributes>(&input).await?;
    Ok(())
}

/// What a new topic is called.
pub fn name(cloud: &Cloud, planned: &Attributes) -> String {
    let name = cloud.name_of(planned);
    let is_named = planned.text("name").is_some();
    if planned.is("fifo_topic") && !is_named { format!("{name}.fifo") } else { name }
}
