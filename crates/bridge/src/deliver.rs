//! From a delivery to its target's answer: taken, to be tried again, or never.

use neargate_api::model::events::{Delivery, Rule};
use neargate_api::{AwsError, Record, StoreError, Timestamp, Tx};
use neargate_api_events::input_of;
use neargate_rules::Of;

use crate::Bridge;
use crate::target::Destination;

/// Deliveries of one turn: between turns the loop may be asked to stop.
const AT_ONCE: usize = 256;

/// AWS's defaults of a target's retry policy.
const ATTEMPTS: u32 = 185;
const AGE_MILLIS: i64 = 86_400_000;

/// The wait after the first failure, doubled with each, and its bound.
const FIRST_WAIT_MILLIS: i64 = 1000;
const LONGEST_WAIT_MILLIS: i64 = 300_000;

/// Why a target has not taken an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub why: String,
    /// Whether it may take it later. AWS does not try again where the target is
    /// not there, or the permission is missing.
    pub may_pass: bool,
}

impl Refusal {
    pub fn for_good(why: impl Into<String>) -> Self {
        Refusal { why: why.into(), may_pass: false }
    }
}

impl From<AwsError> for Refusal {
    fn from(error: AwsError) -> Self {
        let may_pass = !error.is_sender_fault() || error.code.contains("Throttl");
        Refusal { why: error.to_string(), may_pass }
    }
}

impl Bridge {
    /// Tries each delivery whose time has come, in the order of their events; tells whether
    /// there are more. Where it cannot be noted what became of one, it goes no further: what
    /// is delivered then would come again.
    pub async fn deliver_due(&self, now: Timestamp) -> bool {
        let snapshot = self.cloud.store.snapshot();
        let due = snapshot.all::<Delivery>().filter(|due| due.next_try_at <= now);
        let mut tried = 0;
        for delivery in due.take(AT_ONCE) {
            if let Err(error) = self.deliver(&delivery, now).await {
                tracing::warn!(%error, "what became of a delivery could not be noted");
                return false;
            }
            tried += 1;
        }
        tried == AT_ONCE
    }

    async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Result<(), StoreError> {
        let Some(rule) = self.cloud.store.snapshot().get::<Rule>(&delivery.rule) else {
            return self.forget(delivery).await;
        };
        let name = target_name(&rule, &delivery.target);
        match self.hand(&rule, delivery).await {
            Ok(()) => {
                self.complaints.settle(&name);
                self.forget(delivery).await
            }
            Err(refusal) => self.refused(&rule, delivery, &name, refusal, now).await,
        }
    }

    /// Gives the target its input. A target that the rule has no more is given nothing.
    async fn hand(&self, rule: &Rule, delivery: &Delivery) -> Result<(), Refusal> {
        let Some(target) = rule.target(&delivery.target) else { return Ok(()) };
        let input = input_of(target).map_err(Refusal::for_good)?;
        let text = input.of(Of {
            event: &delivery.event,
            rule_arn: &rule.arn,
            received_at: delivery.received_at,
        });
        Destination { bridge: self, rule, target, delivery }.take(text).await
    }

    pub(crate) async fn refused(
        &self,
        rule: &Rule,
        delivery: &Delivery,
        name: &str,
        refusal: Refusal,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Refusal { why, may_pass } = refusal;
        let retry = rule.target(&delivery.target).and_then(|target| target.retry_policy.as_ref());
        let attempts = retry.and_then(|retry| retry.maximum_retry_attempts);
        let attempts = attempts.and_then(|most| u32::try_from(most).ok()).unwrap_or(ATTEMPTS);
        let age = retry.and_then(|retry| retry.maximum_event_age_in_seconds);
        let age_millis = age.map_or(AGE_MILLIS, |secs| i64::from(secs) * 1000);
        let old = now.millis_since(delivery.received_at) >= age_millis;
        let news = self.complaints.about(name, &why);
        if !may_pass || old || delivery.failures >= attempts {
            if news {
                tracing::warn!(target = name, why, "an event could not be delivered and is lost");
            }
            return self.forget(delivery).await;
        }
        let next = now.plus_millis(wait_millis(delivery.failures));
        self.change(delivery.key(), move |tx, key| {
            tx.update::<Delivery>(key, |delivery| {
                delivery.failures += 1;
                delivery.next_try_at = next;
            });
        })
        .await
    }

    /// The delivery is over.
    async fn forget(&self, delivery: &Delivery) -> Result<(), StoreError> {
        self.change(delivery.key(), |tx, key| {
            tx.delete::<Delivery>(key);
        })
        .await
    }

    async fn change(
        &self,
        key: String,
        change: impl FnOnce(&mut Tx, &str) + Send + 'static,
    ) -> Result<(), StoreError> {
        let written = self.cloud.store.write(move |tx| {
            change(tx, &key);
            Ok(())
        });
        written.await
    }
}

/// What people know a target by.
pub fn target_name(rule: &Rule, target: &str) -> String {
    format!("{}, target {target}", rule.arn)
}

fn wait_millis(failures: u32) -> i64 {
    let doubled = FIRST_WAIT_MILLIS.saturating_mul(1 << failures.min(20));
    doubled.min(LONGEST_WAIT_MILLIS)
}
