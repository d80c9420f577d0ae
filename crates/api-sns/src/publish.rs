//! Publish and PublishBatch: what is published is kept, with a delivery for each subscription,
//! in one transaction. What has no topic is refused.

use std::collections::{BTreeMap, BTreeSet};

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{
    BatchResultErrorEntry, MessageAttributeValue, PublishBatchInput, PublishBatchRequestEntry,
    PublishBatchResponse, PublishBatchResultEntry, PublishInput, PublishResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::fan_out::{Published, fan_out};
use crate::message_attributes::{self, MessageAttributes};
use crate::{invalid, topic};

/// Bytes of a message, and of all messages of a batch.
const SIZE_LIMIT: usize = 256 * 1024;
/// Messages of a batch.
const BATCH_LIMIT: usize = 10;

/// A message, wherever it stands.
struct Message<'a> {
    text: &'a str,
    subject: Option<&'a str>,
    structure: Option<&'a str>,
    attributes: Option<&'a BTreeMap<String, MessageAttributeValue>>,
    group: Option<&'a str>,
    deduplication: Option<&'a str>,
}

impl Message<'_> {
    fn published(&self, message_id: String, attributes: MessageAttributes) -> Published {
        Published {
            message_id,
            subject: self.subject.map(str::to_owned),
            message: self.text.to_owned(),
            is_by_protocol: self.structure == Some("json"),
            attributes,
        }
    }
}

pub async fn one(ctx: Ctx, input: PublishInput) -> Result<PublishResponse, AwsError> {
    if input.phone_number.is_some() {
        return Err(invalid("PhoneNumber Reason: Neargate sends no text messages"));
    }
    let arn = input.topic_arn.as_ref().or(input.target_arn.as_ref());
    let arn = arn
        .ok_or_else(|| invalid("TopicArn or TargetArn Reason: no value for required parameter"))?;
    let topic = topic::find(&ctx.snapshot(), arn)?;
    let message = Message {
        text: &input.message,
        subject: input.subject.as_deref(),
        structure: input.message_structure.as_deref(),
        attributes: input.message_attributes.as_ref(),
        group: input.message_group_id.as_deref(),
        deduplication: input.message_deduplication_id.as_deref(),
    };
    let attributes = check(&topic, &message)?;
    let message_id = ctx.rng().uuid();
    let published = message.published(message_id.clone(), attributes);
    write(&ctx, &topic, vec![published]).await?;
    Ok(PublishResponse {
        message_id: Some(message_id),
        sequence_number: sequence_number(&ctx, &topic),
    })
}

pub async fn batch(ctx: Ctx, input: PublishBatchInput) -> Result<PublishBatchResponse, AwsError> {
    let topic = topic::find(&ctx.snapshot(), &input.topic_arn)?;
    let entries = input.publish_batch_request_entries;
    check_batch(&entries)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    let mut published = Vec::new();
    for entry in entries {
        let message = Message {
            text: &entry.message,
            subject: entry.subject.as_deref(),
            structure: entry.message_structure.as_deref(),
            attributes: entry.message_attributes.as_ref(),
            group: entry.message_group_id.as_deref(),
            deduplication: entry.message_deduplication_id.as_deref(),
        };
        match check(&topic, &message) {
            Ok(attributes) => {
                let message_id = ctx.rng().uuid();
                published.push(message.published(message_id.clone(), attributes));
                successful.push(PublishBatchResultEntry {
                    id: Some(entry.id),
                    message_id: Some(message_id),
                    sequence_number: sequence_number(&ctx, &topic),
                });
            }
            Err(error) => failed.push(BatchResultErrorEntry {
                code: error.code.clone(),
                id: entry.id,
                sender_fault: error.is_sender_fault(),
                message: Some(error.message),
            }),
        }
    }
    write(&ctx, &topic, published).await?;
    Ok(PublishBatchResponse { failed: Some(failed), successful: Some(successful) })
}

async fn write(ctx: &Ctx, topic: &Topic, published: Vec<Published>) -> Result<(), AwsError> {
    let (arn, now) = (topic.arn.clone(), ctx.now);
    ctx.write(move |tx| {
        let topic = tx.get::<Topic>(&arn).ok_or_else(topic::not_found)?;
        for message in published {
            fan_out(tx, &topic, message, now);
        }
        Ok(())
    })
    .await
}

fn check_batch(entries: &[PublishBatchRequestEntry]) -> Result<(), AwsError> {
    if entries.is_empty() {
        return Err(error::empty_batch_request_exception(
            "The batch request doesn't contain any entries.",
        ));
    }
    if entries.len() > BATCH_LIMIT {
        return Err(error::too_many_entries_in_batch_request_exception(
            "The batch request contains more entries than permissible (more than 10).",
        ));
    }
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    if ids.len() < entries.len() {
        return Err(error::batch_entry_ids_not_distinct_exception(
            "Two or more batch entries in the request have the same Id.",
        ));
    }
    if entries.iter().map(|entry| entry.message.len()).sum::<usize>() > SIZE_LIMIT {
        return Err(error::batch_request_too_long_exception(
            "The length of all the batch messages put together is more than the limit.",
        ));
    }
    Ok(())
}

fn check(topic: &Topic, message: &Message<'_>) -> Result<MessageAttributes, AwsError> {
    if message.text.is_empty() {
        return Err(invalid("Empty message"));
    }
    if message.text.len() > SIZE_LIMIT {
        return Err(invalid("Message too long"));
    }
    let sound = |subject: &str| {
        !subject.is_empty() && subject.chars().count() <= 100 && !subject.contains(char::is_control)
    };
    if message.subject.is_some_and(|subject| !sound(subject)) {
        return Err(invalid("Subject"));
    }
    if message.structure == Some("json") {
        check_structure(message.text)?;
    }
    let attributes = message_attributes::read(message.attributes)?;
    let is = |name: &str| topic.attributes.get(name).is_some_and(|value| value == "true");
    if !is("FifoTopic") {
        return Ok(attributes);
    }
    if message.group.is_none() {
        return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
    }
    if message.deduplication.is_none() && !is("ContentBasedDeduplication") {
        return Err(invalid(
            "The topic should either have ContentBasedDeduplication enabled or \
             MessageDeduplicationId provided explicitly",
        ));
    }
    Ok(attributes)
}

/// A message by protocol has one for all others.
fn check_structure(text: &str) -> Result<(), AwsError> {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_str(text) else {
        return Err(invalid("Message Structure - JSON message body failed to parse"));
    };
    if members.get("default").is_some_and(serde_json::Value::is_string) {
        return Ok(());
    }
    Err(invalid("Message Structure - No default entry in JSON message body"))
}

/// FIFO topics number their messages: twenty digits that grow.
fn sequence_number(ctx: &Ctx, topic: &Topic) -> Option<String> {
    let fifo = topic.attributes.get("FifoTopic").is_some_and(|value| value == "true");
    fifo.then(|| format!("1{:013}{}", ctx.now.millis(), ctx.rng().digits(6)))
}
