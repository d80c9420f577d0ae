//! An SNS topic: the input is published to it.

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{self, PublishInput};

use super::Destination;
use crate::deliver::Refusal;

impl Destination<'_> {
    pub(super) async fn publish(&self, text: String) -> Result<(), Refusal> {
        let arn = &self.target.arn;
        let snapshot = self.bridge.cloud.store.snapshot();
        let Some(topic) = snapshot.get::<Topic>(arn) else {
            return Err(Refusal::for_good(format!("there is no topic {arn}")));
        };
        let policy = topic.attributes.get("Policy").map(String::as_str);
        self.permitted(policy, "sns:Publish", arn)?;
        let input =
            PublishInput { topic_arn: Some(arn.clone()), message: text, ..Default::default() };
        let services = &self.bridge.services;
        services.invoke::<sns::Publish>(&sns::SERVICE, self.ctx()?, input).await?;
        Ok(())
    }
}
