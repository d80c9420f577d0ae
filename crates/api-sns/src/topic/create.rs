//! CreateTopic: a topic of this name, or the one that is there, when it is the
//! same in all that is asked.

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{CreateTopicInput, CreateTopicResponse};
use neargate_api::{AwsError, Ctx};

use crate::attributes::{Attributes, check_topic};
use crate::{invalid, tags};

pub async fn call(ctx: Ctx, input: CreateTopicInput) -> Result<CreateTopicResponse, AwsError> {
    let mut attributes = input.attributes.unwrap_or_default();
    if let Some(policy) = input.data_protection_policy {
        attributes.insert("DataProtectionPolicy".into(), policy);
    }
    for (name, value) in &attributes {
        check_topic(name, value)?;
    }
    check_name(&input.name, &attributes)?;
    let arn = ctx.arn("sns", &*input.name);
    let asked_tags = input.tags.is_some();
    let made = Topic { arn: arn.clone(), attributes, tags: tags::read(input.tags)? };
    ctx.write(move |tx| {
        let Some(old) = tx.get::<Topic>(&made.arn) else {
            tx.put(made);
            return Ok(());
        };
        if made.attributes.iter().any(|(name, value)| old.attributes.get(name) != Some(value)) {
            return Err(invalid(
                "Attributes Reason: Topic already exists with different attributes",
            ));
        }
        if asked_tags && old.tags != made.tags {
            return Err(invalid("Tags Reason: Topic already exists with different tags"));
        }
        Ok(())
    })
    .await?;
    Ok(CreateTopicResponse { topic_arn: Some(arn) })
}

/// A FIFO topic's name, and no other's, ends with `.fifo`.
fn check_name(name: &str, attributes: &Attributes) -> Result<(), AwsError> {
    let fifo = attributes.get("FifoTopic").is_some_and(|value| value == "true");
    let stem = match (name.strip_suffix(".fifo"), fifo) {
        (Some(stem), true) => stem,
        (None, false) => name,
        _ => return Err(invalid("Topic Name")),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if stem.is_empty() || name.len() > 256 || !stem.chars().all(allowed) {
        return Err(invalid("Topic Name"));
    }
    Ok(())
}
