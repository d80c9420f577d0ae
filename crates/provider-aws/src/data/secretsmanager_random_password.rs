//! `aws_secretsmanager_random_password`: another password at every read.

use async_trait::async_trait;
use neargate_api_types::secretsmanager::{GetRandomPassword, GetRandomPasswordRequest};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};

pub struct RandomPassword;

#[async_trait]
impl Data for RandomPassword {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        let input = GetRandomPasswordRequest {
            exclude_characters: config.string("exclude_characters"),
            exclude_lowercase: config.bool("exclude_lowercase"),
            exclude_numbers: config.bool("exclude_numbers"),
            exclude_punctuation: config.bool("exclude_punctuation"),
            exclude_uppercase: config.bool("exclude_uppercase"),
            include_space: config.bool("include_space"),
            password_length: config.number("password_length").map(i64::from).or(Some(32)),
            require_each_included_type: config.bool("require_each_included_type"),
        };
        let password = cloud.call::<GetRandomPassword>(&input).await?.random_password;
        config.set("id", password.clone());
        config.set("random_password", password);
        config.set("password_length", input.password_length);
        Ok(config)
    }
}
