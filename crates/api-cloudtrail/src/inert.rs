//! What of a trail is shown back but does not act.

use neargate_api::model::cloudtrail::{Selectors, Trail};
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    snapshot.all::<Trail>().flat_map(|trail| of_trail(&trail)).collect()
}

fn of_trail(trail: &Trail) -> Vec<Inert> {
    let mut all = Vec::new();
    let mut tell = |field: &str, on_aws: String| all.push(Inert::new(&trail.arn, field, on_aws));
    if trail.log_file_validation {
        tell(
            "EnableLogFileValidation",
            "AWS would put a signed digest of the log files into the bucket every hour.".into(),
        );
    }
    if let Some(key) = &trail.kms_key_id {
        tell("KmsKeyId", format!("AWS would encrypt the log files with {key}."));
    }
    if let Some(topic) = &trail.sns_topic_arn {
        tell("SnsTopicName", format!("AWS would tell {topic} of each log file."));
    }
    if !trail.insight_selectors.is_empty() {
        tell("InsightSelectors", "AWS would look for unusual rates of calls and errors.".into());
    }
    if takes_data(&trail.selectors) {
        tell(
            "EventSelectors",
            "AWS would also deliver data events (such as reads of objects in S3).".into(),
        );
    }
    all
}

/// Whether data events are asked for.
fn takes_data(selectors: &Selectors) -> bool {
    match selectors {
        Selectors::Default => false,
        Selectors::Basic(all) => {
            all.iter().any(|one| one.data_resources.as_ref().is_some_and(|list| !list.is_empty()))
        }
        Selectors::Advanced(all) => all.iter().flat_map(|one| &one.field_selectors).any(|field| {
            let equals = field.equals.iter().flatten();
            field.field == "eventCategory" && equals.into_iter().any(|value| value != "Management")
        }),
    }
}
