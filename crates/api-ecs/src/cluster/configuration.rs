//! What of a cluster's configuration AWS refuses: logging of ECS Exec that says two
//! things at once, or asks for a log and names no place for it.

use neargate_api::AwsError;
use neargate_api::types::ecs::{
    ClusterConfiguration, ExecuteCommandConfiguration, ExecuteCommandLogConfiguration, error,
};

pub fn check(configuration: Option<&ClusterConfiguration>) -> Result<(), AwsError> {
    match configuration.and_then(|given| given.execute_command_configuration.as_ref()) {
        Some(exec) => check_exec(exec),
        None => Ok(()),
    }
}

fn check_exec(exec: &ExecuteCommandConfiguration) -> Result<(), AwsError> {
    let refuse = |why: &str| Err(error::invalid_parameter_exception(why));
    let is_override = exec.logging.as_deref() == Some("OVERRIDE");
    match &exec.log_configuration {
        Some(_) if !is_override => {
            refuse("You must set logging to 'OVERRIDE' when you supply a log configuration")
        }
        None if is_override => {
            refuse("You must supply a log configuration when you set logging to 'OVERRIDE'")
        }
        Some(log) => check_places(log),
        None => Ok(()),
    }
}

fn check_places(log: &ExecuteCommandLogConfiguration) -> Result<(), AwsError> {
    let refuse = |why: &str| Err(error::invalid_parameter_exception(why));
    let is_given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let group = is_given(&log.cloud_watch_log_group_name);
    let bucket = is_given(&log.s3_bucket_name);
    if !group && !bucket {
        return refuse(
            "You must specify a CloudWatch log group or an S3 bucket in the log configuration",
        );
    }
    if log.cloud_watch_encryption_enabled == Some(true) && !group {
        return refuse("You must specify a CloudWatch log group to enable CloudWatch encryption");
    }
    if (log.s3_encryption_enabled == Some(true) || is_given(&log.s3_key_prefix)) && !bucket {
        return refuse(
            "You must specify an S3 bucket name to enable S3 encryption or to set a key prefix",
        );
    }
    Ok(())
}
