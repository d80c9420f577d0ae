//! Where a trail delivers to: the bucket, the log group, the topic and the key,
//! each of which must be there and let CloudTrail in.

use neargate_api::model::cloudtrail::Trail;
use neargate_api::model::iam::Role;
use neargate_api::model::kms::{Alias, Key};
use neargate_api::model::logs::LogGroup;
use neargate_api::model::s3::Bucket;
use neargate_api::model::sns::Topic;
use neargate_api::types::cloudtrail::error;
use neargate_api::{Arn, AwsError, Ctx, Snapshot};
use neargate_api_s3::{OnBehalf, service_may};

use crate::{PRINCIPAL, trail};

/// Refuses a trail that could not deliver.
pub fn check(ctx: &Ctx, trail: &Trail) -> Result<(), AwsError> {
    let snapshot = ctx.snapshot();
    check_bucket(ctx, &snapshot, trail)?;
    check_logs(&snapshot, trail)
}

fn check_bucket(ctx: &Ctx, snapshot: &Snapshot, trail: &Trail) -> Result<(), AwsError> {
    let bucket = trail.bucket.as_str();
    if !snapshot.contains::<Bucket>(bucket) {
        return Err(error::s3_bucket_does_not_exist_exception(format!(
            "S3 bucket {bucket} does not exist!"
        )));
    }
    if trail.key_prefix.as_ref().is_some_and(|prefix| prefix.len() > 200) {
        return Err(error::invalid_s3_prefix_exception(
            "The S3 key prefix is longer than the allowed 200 characters.",
        ));
    }
    let account = ctx.account();
    let by = OnBehalf { service: PRINCIPAL, source_arn: &trail.arn, account, now: ctx.now };
    let key = trail::object_prefix(trail.key_prefix.as_deref(), account) + "CloudTrail/";
    let acl = service_may(snapshot, by, bucket, "s3:GetBucketAcl", None);
    let put = service_may(snapshot, by, bucket, "s3:PutObject", Some(&key));
    acl.and(put).map_err(|_| {
        error::insufficient_s3_bucket_policy_exception(format!(
            "Incorrect S3 bucket policy is detected for bucket: {bucket}"
        ))
    })
}

fn check_logs(snapshot: &Snapshot, trail: &Trail) -> Result<(), AwsError> {
    let (group, role) = match (&trail.log_group_arn, &trail.log_role_arn) {
        (None, None) => return Ok(()),
        (Some(group), Some(role)) => (group, role),
        (None, Some(_)) => {
            return Err(error::invalid_parameter_combination_exception(
                "You must specify both a CloudWatch Logs log group ARN and a role ARN: \
                 CloudWatchLogsLogGroupArn is missing.",
            ));
        }
        (Some(_), None) => {
            return Err(error::invalid_parameter_combination_exception(
                "You must specify both a CloudWatch Logs log group ARN and a role ARN: \
                 CloudWatchLogsRoleArn is missing.",
            ));
        }
    };
    let (region, name) = group_of(group).ok_or_else(|| {
        error::invalid_cloud_watch_logs_log_group_arn_exception(
            "CloudTrail cannot validate the specified log group ARN.",
        )
    })?;
    if !snapshot.contains::<LogGroup>(&LogGroup::key_of(&region, &name)) {
        return Err(error::invalid_cloud_watch_logs_log_group_arn_exception(format!(
            "The specified log group does not exist: {name}"
        )));
    }
    let role_name = role.rsplit('/').next().unwrap_or_default();
    match snapshot.get::<Role>(role_name).is_some_and(|found| found.arn == *role) {
        true => Ok(()),
        false => Err(error::invalid_cloud_watch_logs_role_arn_exception(
            "Access denied. Check the trust relationships for your role.",
        )),
    }
}

/// Region and name in `arn:aws:logs:us-west-2:123456789012:log-group:name:*`.
pub fn group_of(arn: &str) -> Option<(String, String)> {
    let arn: Arn = arn.parse().ok()?;
    let name = arn.resource.strip_prefix("log-group:")?.trim_end_matches(":*");
    (arn.service == "logs" && !name.is_empty()).then(|| (arn.region.clone(), name.to_owned()))
}

/// The ARN of the topic that is named; it must be there.
pub fn topic(ctx: &Ctx, given: &str) -> Result<String, AwsError> {
    let arn = match given.starts_with("arn:") {
        true => given.to_owned(),
        false => ctx.arn("sns", given),
    };
    match ctx.snapshot().contains::<Topic>(&arn) {
        true => Ok(arn),
        false => Err(error::insufficient_sns_topic_policy_exception(
            "SNS Topic does not exist or the topic policy is incorrect!",
        )),
    }
}

/// The ARN of the key that an id, an alias or an ARN names; it must be there.
pub fn key(ctx: &Ctx, given: &str) -> Result<String, AwsError> {
    let snapshot = ctx.snapshot();
    let name = given.rsplit(':').next().unwrap_or(given).trim_start_matches("key/");
    let id = match name.starts_with("alias/") {
        true => snapshot
            .get::<Alias>(&Alias::key_of(&ctx.region, name))
            .map(|alias| alias.target.clone())
            .unwrap_or_default(),
        false => name.to_owned(),
    };
    let found = snapshot.get::<Key>(&Key::key_of(&ctx.region, &id));
    found.filter(|key| !key.is_gone(ctx.now)).map(|key| key.arn.clone()).ok_or_else(|| {
        error::kms_key_not_found_exception(format!("The KMS key {given} could not be found."))
    })
}
