//! Does the actions of alarms: topics are published to as CloudWatch, by the topic's policy.

use std::sync::Arc;

use neargate_api::model::cloudwatch::AlarmAction;
use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{self, PublishInput};
use neargate_api::{Caller, Ctx, Record, StoreError, Timestamp};
use neargate_api_cloudwatch::act::acted;
use neargate_bridge::{OnBehalf, granted, granted_to_owner};

use crate::Notifications;

/// Who alarms publish as.
const PRINCIPAL: &str = "cloudwatch.amazonaws.com";

/// How often an action is tried that fails for reasons of its own, and how far apart.
const TRIES: u32 = 5;
const WAIT_MILLIS: i64 = 10_000;

impl Notifications {
    /// Does each that is due, in the order of the changes that asked for them.
    pub(crate) async fn act_on_alarms(&self, now: Timestamp) {
        let snapshot = self.cloud.store.snapshot();
        let due = snapshot.all::<AlarmAction>().filter(|action| action.next_try_at <= now);
        let due: Vec<Arc<AlarmAction>> = due.collect();
        for action in due {
            let outcome = self.act(&action).await;
            if let Err(error) = self.note_action(action, outcome, now).await {
                tracing::warn!(%error, "what became of an alarm's action could not be noted");
                return;
            }
        }
    }

    async fn note_action(
        &self,
        action: Arc<AlarmAction>,
        outcome: Result<(), Refusal>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let written = self.cloud.store.write(move |tx| {
            match outcome {
                Err(Refusal { may_pass: true, .. }) if action.failures + 1 < TRIES => {
                    tx.update::<AlarmAction>(&action.key(), |action| {
                        action.failures += 1;
                        action.next_try_at = now.plus_millis(WAIT_MILLIS);
                    });
                }
                outcome => acted(tx, &action, outcome.map_err(|refusal| refusal.why), now),
            }
            Ok::<(), StoreError>(())
        });
        written.await
    }

    async fn act(&self, action: &AlarmAction) -> Result<(), Refusal> {
        let arn = &action.action;
        if !arn.starts_with("arn:aws:sns:") {
            return Err(Refusal::for_good("Neargate has nothing that does this action"));
        }
        let snapshot = self.cloud.store.snapshot();
        let Some(topic) = snapshot.get::<Topic>(arn) else {
            return Err(Refusal::for_good(format!("Topic {arn} does not exist")));
        };
        if !self.may_publish(&topic, action) {
            return Err(Refusal::for_good(format!(
                "CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: {arn} \
                 because no resource-based policy allows the SNS:Publish action"
            )));
        }
        let input = PublishInput {
            topic_arn: Some(arn.clone()),
            subject: Some(action.subject.clone()),
            message: action.message.clone(),
            ..Default::default()
        };
        let ctx = Ctx {
            cloud: self.cloud.clone(),
            // The topic's policy was asked before.
            caller: Caller::Operator,
            region: region_of(arn).to_owned(),
            request_id: self.cloud.rng.uuid(),
            now: self.cloud.clock.now(),
        };
        let published = self.services.invoke::<sns::Publish>(&sns::SERVICE, ctx, input).await;
        published
            .map(|_| ())
            .map_err(|error| Refusal { may_pass: !error.is_sender_fault(), why: error.to_string() })
    }

    /// A topic without a policy of its own is open to its owner's services, as AWS's default says.
    fn may_publish(&self, topic: &Topic, action: &AlarmAction) -> bool {
        let Some(policy) = topic.attributes.get("Policy") else { return true };
        let by = OnBehalf {
            service: PRINCIPAL,
            source_arn: &action.alarm_arn,
            account: &self.cloud.account,
            now: self.cloud.clock.now(),
        };
        let document = [policy.as_str()];
        granted(document, by, "sns:Publish", &topic.arn)
            || granted_to_owner(document, by, "sns:Publish", &topic.arn)
    }
}

/// Why an action could not be done, and whether it may be later.
struct Refusal {
    why: String,
    may_pass: bool,
}

impl Refusal {
    fn for_good(why: impl Into<String>) -> Self {
        Refusal { why: why.into(), may_pass: false }
    }
}

/// The region that an ARN names.
fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}
