//! GetBucketPolicyStatus: whether the policy makes the bucket public.

use neargate_api::AwsError;
use neargate_authz::{Effect, Kind, Policy, Principals};

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::xml::Writer;

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:GetBucketPolicyStatus")?;
    let policy = bucket.configurations.get("policy").ok_or_else(|| {
        AwsError::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
            .with("BucketName", bucket.name.clone())
    })?;
    let mut writer = Writer::new("PolicyStatus");
    writer.text("IsPublic", if is_public(&policy.document) { "true" } else { "false" });
    Ok(answer::xml(writer.finish()))
}

/// Whether anybody at all is allowed something, without a condition.
pub(crate) fn is_public(document: &str) -> bool {
    let Ok(policy) = Policy::parse(document, Kind::Resource) else { return false };
    policy.statements.iter().any(|statement| {
        let everybody = match &statement.principals {
            Some(Principals::These(named)) => {
                named.iter().any(|(kind, value)| kind == "AWS" && value == "*")
            }
            Some(Principals::AllBut(_)) => true,
            None => false,
        };
        statement.effect == Effect::Allow && statement.conditions.is_empty() && everybody
    })
}
