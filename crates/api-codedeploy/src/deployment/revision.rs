//! Where a revision's AppSpec is: in the request itself.

use neargate_api::AwsError;
use neargate_api::types::codedeploy::{RevisionLocation, error};
use sha2::{Digest, Sha256};

/// The AppSpec of a revision, whose hash must be right where one is given.
pub fn content(revision: &RevisionLocation) -> Result<String, AwsError> {
    let refuse = |why: String| Err(error::invalid_revision_exception(why));
    let kind = revision.revision_type.as_deref().unwrap_or_default();
    let (content, hash) = match kind {
        "AppSpecContent" => {
            let given = revision.app_spec_content.clone().unwrap_or_default();
            (given.content, given.sha256)
        }
        "String" => {
            let given = revision.string.clone().unwrap_or_default();
            (given.content, given.sha256)
        }
        "S3" => {
            return refuse(
                "Neargate does not read an AppSpec file from S3 yet: give its text as appSpecContent, with the revision \
                 type AppSpecContent."
                    .into(),
            );
        }
        other => {
            return refuse(format!(
                "The revision type {other} is not one for the ECS compute platform: use AppSpecContent."
            ));
        }
    };
    let Some(content) = content.filter(|content| !content.trim().is_empty()) else {
        return refuse("The content of the AppSpec file must be specified".into());
    };
    if let Some(hash) = hash.filter(|hash| !hash.eq_ignore_ascii_case(&sha256(&content))) {
        return refuse(format!(
            "The SHA256 hash of the content is {}, not {hash}",
            sha256(&content)
        ));
    }
    Ok(content)
}

/// A revision as AWS shows it back: its content with its hash.
pub fn shown(mut revision: RevisionLocation) -> RevisionLocation {
    if let Some(given) = &mut revision.app_spec_content {
        given.sha256 = given.content.as_deref().map(sha256);
    }
    if let Some(given) = &mut revision.string {
        given.sha256 = given.content.as_deref().map(sha256);
    }
    revision
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
