//! Attributes: which there are, and what they may be. Pure. The lists are those
//! of SetTopicAttributes and SetSubscriptionAttributes in the API reference.

use std::collections::BTreeMap;

use neargate_api::AwsError;
use neargate_rules::Pattern;

use crate::invalid;

pub type Attributes = BTreeMap<String, String>;

const FEEDBACK: [&str; 5] = ["HTTP", "Firehose", "Lambda", "Application", "SQS"];

/// Checks an attribute of a topic.
pub fn check_topic(name: &str, value: &str) -> Result<(), AwsError> {
    match name {
        "Policy" | "DeliveryPolicy" | "ArchivePolicy" | "DataProtectionPolicy" => {
            check_json(name, value)
        }
        "DisplayName" if value.chars().count() > 100 => {
            Err(invalid("DisplayName Reason: must be at most 100 characters long"))
        }
        "DisplayName" | "KmsMasterKeyId" => Ok(()),
        "TracingConfig" => check_one_of(name, value, &["PassThrough", "Active"]),
        "SignatureVersion" => check_one_of(name, value, &["1", "2"]),
        "FifoThroughputScope" => check_one_of(name, value, &["Topic", "MessageGroup"]),
        "FifoTopic" | "ContentBasedDeduplication" => check_one_of(name, value, &["true", "false"]),
        _ if is_feedback(name) => Ok(()),
        _ => Err(invalid("AttributeName")),
    }
}

/// `HTTPSuccessFeedbackRoleArn`, `SQSFailureFeedbackRoleArn` and the like.
fn is_feedback(name: &str) -> bool {
    let rest = FEEDBACK.iter().find_map(|protocol| name.strip_prefix(protocol));
    let kinds = ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"];
    rest.is_some_and(|rest| kinds.contains(&rest))
}

/// Checks an attribute of a subscription; an empty value takes it away.
pub fn check_subscription(name: &str, value: &str) -> Result<(), AwsError> {
    match name {
        "DeliveryPolicy" | "RedrivePolicy" | "ReplayPolicy" => check_json(name, value),
        "FilterPolicy" => check_filter(value),
        "FilterPolicyScope" => check_one_of(name, value, &["MessageAttributes", "MessageBody"]),
        "RawMessageDelivery" => check_one_of(name, value, &["true", "false"]),
        "SubscriptionRoleArn" => Ok(()),
        _ => Err(invalid("AttributeName")),
    }
}

fn check_filter(policy: &str) -> Result<(), AwsError> {
    if policy.is_empty() || policy.trim() == "{}" {
        return Ok(());
    }
    check_json("FilterPolicy", policy)?;
    let parsed = Pattern::parse(policy);
    parsed.map(|_| ()).map_err(|wrong| invalid(format!("FilterPolicy: {}", wrong.0)))
}

/// Checks what depends on the protocol: raw messages are for programs.
pub fn check_raw(protocol: &str, name: &str, value: &str) -> Result<(), AwsError> {
    let is_raw = name == "RawMessageDelivery" && value == "true";
    if is_raw && !["http", "https"].contains(&protocol) {
        return Err(invalid(format!(
            "RawMessageDelivery Reason: Delivery protocol [{protocol}] does not support raw message delivery."
        )));
    }
    Ok(())
}

fn check_json(name: &str, value: &str) -> Result<(), AwsError> {
    let is_object =
        serde_json::from_str::<serde_json::Value>(value).is_ok_and(|json| json.is_object());
    if value.is_empty() || is_object {
        return Ok(());
    }
    Err(invalid(format!("{name}: failed to parse JSON.")))
}

fn check_one_of(name: &str, value: &str, allowed: &[&str]) -> Result<(), AwsError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(invalid(format!("{name} Reason: must be one of {}", allowed.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_known_and_sound() {
        assert_eq!(check_topic("HTTPSuccessFeedbackSampleRate", "5"), Ok(()));
        assert_eq!(check_topic("Policy", "{}"), Ok(()));
        assert!(check_topic("Policy", "{").is_err());
        assert!(check_topic("HTTPFeedback", "5").is_err());
        assert_eq!(check_subscription("FilterPolicy", ""), Ok(()));
        assert!(check_subscription("RawMessageDelivery", "yes").is_err());
        assert!(check_subscription("DisplayName", "x").is_err());
    }
}
