//! Publish and PublishBatch: checked and accepted. Deliveries come later; until
//! then every subscription is told as inert. What has no topic is refused.

use std::collections::BTreeSet;

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{
    BatchResultErrorEntry, PublishBatchInput, PublishBatchRequestEntry, PublishBatchResponse,
    PublishBatchResultEntry, PublishInput, PublishResponse, error,
};
use neargate_api::{AwsError, Ctx};

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
    group: Option<&'a str>,
    deduplication: Option<&'a str>,
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
        group: input.message_group_id.as_deref(),
        deduplication: input.message_deduplication_id.as_deref(),
    };
    check(&topic, &message)?;
    Ok(PublishResponse {
        message_id: Some(ctx.rng().uuid()),
        sequence_number: sequence_number(&ctx, &topic),
    })
}

pub async fn batch(ctx: Ctx, input: PublishBatchInput) -> Result<PublishBatchResponse, AwsError> {
    let topic = topic::find(&ctx.snapshot(), &input.topic_arn)?;
    let entries = input.publish_batch_request_entries;
    check_batch(&entries)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let message = Message {
            text: &entry.message,
            subject: entry.subject.as_deref(),
            structure: entry.message_structure.as_deref(),
            group: entry.message_group_id.as_deref(),
            deduplication: entry.message_deduplication_id.as_deref(),
        };
        match check(&topic, &message) {
            Ok(()) => successful.push(PublishBatchResultEntry {
                id: Some(entry.id),
                message_id: Some(ctx.rng().uuid()),
                sequence_number: sequence_number(&ctx, &topic),
            }),
            Err(error) => failed.push(BatchResultErrorEntry {
                code: error.code.clone(),
                id: entry.id,
                sender_fault: error.is_sender_fault(),
                message: Some(error.message),
            }),
        }
    }
    Ok(PublishBatchResponse { failed: Some(failed), successful: Some(successful) })
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

fn check(topic: &Topic, message: &Message<'_>) -> Result<(), AwsError> {
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
    let is = |name: &str| topic.attributes.get(name).is_some_and(|value| value == "true");
    if !is("FifoTopic") {
        return Ok(());
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
    Ok(())
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
