//! The key of an encrypted instance that named none: `alias/aws/rds`, which KMS
//! makes when it is first asked for.

use neargate_api::model::rds::DbInstance;
use neargate_api::types::kms;
use neargate_api::{Caller, Ctx};

use crate::Hands;

impl Hands {
    /// The context of a call from inside, as the account itself.
    pub(crate) fn ctx(&self, region: &str) -> Ctx {
        Ctx {
            cloud: self.cloud.clone(),
            caller: Caller::Operator,
            region: region.to_owned(),
            request_id: self.cloud.rng.uuid(),
            now: self.cloud.clock.now(),
        }
    }

    /// The ARN of the key, if KMS tells it.
    pub(crate) async fn default_key(&self, instance: &DbInstance) -> Option<String> {
        let settings = &instance.settings;
        if settings.storage_encrypted != Some(true) || settings.kms_key_id.is_some() {
            return None;
        }
        let input =
            kms::DescribeKeyRequest { key_id: "alias/aws/rds".into(), ..Default::default() };
        let answer = self
            .services
            .invoke::<kms::DescribeKey>(&kms::SERVICE, self.ctx(&instance.region), input)
            .await;
        answer.ok()?.key_metadata?.arn
    }
}
