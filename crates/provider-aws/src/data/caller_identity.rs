//! `data.aws_caller_identity`: who the provider's credentials are.

use async_trait::async_trait;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};

pub struct CallerIdentity;

#[async_trait]
impl Data for CallerIdentity {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        config.extend(json!({
            "account_id": cloud.account,
            "arn": cloud.caller_arn,
            "id": cloud.account,
            "user_id": cloud.user_id,
        }));
        Ok(config)
    }
}
