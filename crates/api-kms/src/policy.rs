//! Key policies: the one of each key, called `default`. `access` has it evaluated.

pub mod get;
pub mod list;
pub mod put;

use neargate_api::AwsError;
use neargate_api::types::kms::error;
use neargate_authz::{Kind, Policy};

const NAME: &str = "default";

/// A policy that can be read.
pub fn checked(text: String) -> Result<String, AwsError> {
    match Policy::parse(&text, Kind::Resource) {
        Ok(_) => Ok(text),
        Err(why) => Err(error::malformed_policy_document_exception(why.to_string())),
    }
}

/// The policy of a key that is made without one: the account's own policies decide.
pub fn default(account: &str) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

fn check_name(name: Option<&str>) -> Result<(), AwsError> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(other) => Err(error::not_found_exception(format!("No such policy exists: {other}"))),
    }
}
