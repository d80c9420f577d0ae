//! From a delivery to its endpoint's answer: taken, to be tried again, or given up.

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_api::model::sns::{
    Delivered, Delivery, Notification, RecipientState, Subscription, Topic,
};
use neargate_api::{Record, StoreError, Timestamp, Tx};
use neargate_api_sns::Retry;
use serde_json::Value;

use crate::Notifications;
use crate::envelope::{Envelope, subscribe_url, unsubscribe_url};
use crate::mail::{self, Mail};
use crate::send::{Post, Refusal};
use crate::signer::Signed;
use crate::smtp;

/// What is kept of a message once it is delivered, in bytes: enough to be looked at.
const SHOWN: usize = 8 * 1024;

const NO_RELAY: &str = "no SMTP relay: start Neargate with --smtp-relay to send mail";

/// How a delivery ended for now.
enum Outcome {
    Taken,
    Refused(Refusal),
    /// There is no way to send it: it can be read here.
    Kept(&'static str),
}

impl Notifications {
    /// Those whose time has come and that nobody tries at the moment, the oldest first.
    pub(crate) fn due(&self, on_the_way: &BTreeSet<String>, now: Timestamp) -> Vec<Arc<Delivery>> {
        let snapshot = self.cloud.store.snapshot();
        let due = snapshot.all::<Delivery>().filter(|due| due.next_try_at <= now);
        due.filter(|due| !on_the_way.contains(&due.key())).collect()
    }

    /// Why endpoints have not taken what is for them.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let snapshot = self.cloud.store.snapshot();
        let failed = snapshot.all::<Delivery>().filter(|delivery| delivery.failures > 0);
        failed
            .map(|delivery| {
                let at = delivery.next_try_at.iso8601_secs();
                format!("{}: failed {} times, next try at {at}", delivery.key(), delivery.failures)
            })
            .collect()
    }

    /// Tries a delivery and notes what became of it; gives its key back.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> String {
        let snapshot = self.cloud.store.snapshot();
        let subscription = snapshot.get::<Subscription>(&delivery.subscription_arn);
        let noted = match (subscription, &delivery.what) {
            (Some(subscription), Delivered::Notification(number)) => {
                match snapshot.get::<Notification>(number) {
                    Some(notification) => {
                        let outcome = self.notify(&subscription, &notification).await;
                        self.note(delivery, &subscription, outcome).await
                    }
                    None => self.forget(delivery).await,
                }
            }
            (Some(subscription), Delivered::Confirmation) => match &subscription.pending {
                Some(token) => {
                    let outcome = self.ask(&subscription, token).await;
                    self.note(delivery, &subscription, outcome).await
                }
                None => self.forget(delivery).await,
            },
            (None, _) => self.forget(delivery).await,
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "what became of a delivery could not be noted");
        }
        delivery.key()
    }

    async fn notify(&self, to: &Subscription, notification: &Notification) -> Outcome {
        let own_url = self.own_url();
        let envelope = Envelope::of(notification, to, &own_url);
        if to.protocol.starts_with("http") {
            let is_raw = to.attributes.get("RawMessageDelivery").is_some_and(|raw| raw == "true");
            let mut headers = vec![("x-amz-sns-subscription-arn", to.arn.clone())];
            if is_raw {
                headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
            }
            return self.post(to, envelope, headers, is_raw).await;
        }
        let Some(relay) = &self.relay else { return Outcome::Kept(NO_RELAY) };
        let text = match to.protocol.as_str() {
            "email-json" => match self.signed(to, &envelope).await {
                Ok(signed) => envelope.json(&signed),
                Err(refusal) => return Outcome::Refused(refusal),
            },
            _ => mail::text(&envelope.message, &unsubscribe_url(&own_url, to)),
        };
        let subject = notification.subject.clone();
        let mail = Mail {
            to: to.endpoint.clone(),
            subject: subject.unwrap_or_else(|| "AWS Notification Message".into()),
            text,
            message_id: notification.message_id.clone(),
            at: self.cloud.clock.now(),
        };
        smtp::hand_in(relay, &mail).await.into()
    }

    /// Asks the endpoint whether it wants to be subscribed.
    async fn ask(&self, to: &Subscription, token: &str) -> Outcome {
        let (own_url, now) = (self.own_url(), self.cloud.clock.now());
        let message_id = self.cloud.rng.uuid();
        if to.protocol.starts_with("http") {
            let envelope = Envelope::question(to, token, message_id, now.iso8601(), &own_url);
            return self.post(to, envelope, Vec::new(), false).await;
        }
        let Some(relay) = &self.relay else { return Outcome::Kept(NO_RELAY) };
        let url = subscribe_url(&own_url, &to.topic_arn, token);
        let mail = Mail::question(&to.endpoint, &to.topic_arn, &url, message_id, now);
        smtp::hand_in(relay, &mail).await.into()
    }

    async fn post(
        &self,
        to: &Subscription,
        envelope: Envelope,
        mut headers: Vec<(&'static str, String)>,
        is_raw: bool,
    ) -> Outcome {
        let body = match is_raw {
            true => envelope.message.clone(),
            false => match self.signed(to, &envelope).await {
                Ok(signed) => envelope.json(&signed),
                Err(refusal) => return Outcome::Refused(refusal),
            },
        };
        headers.push(("x-amz-sns-message-type", envelope.kind.to_owned()));
        headers.push(("x-amz-sns-message-id", envelope.message_id));
        headers.push(("x-amz-sns-topic-arn", envelope.topic_arn));
        headers.push(("content-type", self.content_type(to)));
        self.sender.post(Post { url: to.endpoint.clone(), headers, body }).await.into()
    }

    async fn signed(&self, to: &Subscription, envelope: &Envelope) -> Result<Signed, Refusal> {
        let topic = self.cloud.store.snapshot().get::<Topic>(&to.topic_arn);
        let version = topic.as_ref().and_then(|topic| topic.attributes.get("SignatureVersion"));
        let is_version_2 = version.is_some_and(|version| version == "2");
        let (signer, text, own_url) =
            (self.signer.clone(), envelope.string_to_sign(), self.own_url());
        let signed =
            tokio::task::spawn_blocking(move || signer.sign(&text, is_version_2, &own_url)).await;
        let why = match signed {
            Ok(Ok(signed)) => return Ok(signed),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        Err(Refusal { why: format!("it could not be signed: {why}"), may_pass: true })
    }

    /// As the subscription's policy says, or its topic's, or as AWS has it.
    fn content_type(&self, to: &Subscription) -> String {
        let topic = self.cloud.store.snapshot().get::<Topic>(&to.topic_arn);
        let own = policy(Some(to.attributes.get("DeliveryPolicy")));
        let of_topic = policy(topic.as_ref().map(|topic| topic.attributes.get("DeliveryPolicy")));
        let given = own["requestPolicy"]["headerContentType"]
            .as_str()
            .or(of_topic["http"]["defaultRequestPolicy"]["headerContentType"].as_str());
        given.unwrap_or("text/plain; charset=UTF-8").to_owned()
    }

    fn retry(&self, to: &Subscription) -> Retry {
        if !to.protocol.starts_with("http") {
            return Retry::MAIL;
        }
        let topic = self.cloud.store.snapshot().get::<Topic>(&to.topic_arn);
        let policy = topic.as_ref().and_then(|topic| topic.attributes.get("DeliveryPolicy"));
        let own = to.attributes.get("DeliveryPolicy").map(String::as_str);
        Retry::http(policy.map(String::as_str), own)
    }

    async fn note(
        &self,
        delivery: &Delivery,
        to: &Subscription,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let now = self.cloud.clock.now();
        let (state, told, next) = match outcome {
            Outcome::Taken => (RecipientState::Delivered, String::new(), None),
            Outcome::Kept(why) => (RecipientState::Kept, why.to_owned(), None),
            Outcome::Refused(Refusal { why, may_pass }) => {
                let wait = self.retry(to).wait_millis(delivery.failures + 1);
                match wait.filter(|_| may_pass) {
                    Some(wait) => {
                        let next = now.plus_millis(wait);
                        let at = next.iso8601_secs();
                        (RecipientState::Waiting, format!("{why}; next try at {at}"), Some(next))
                    }
                    None => (RecipientState::Failed, why, None),
                }
            }
        };
        if state == RecipientState::Failed {
            let (topic, endpoint) = (&to.topic_arn, &to.endpoint);
            tracing::warn!(topic, endpoint, why = told, "a notification could not be delivered");
        }
        let delivery = delivery.clone();
        self.write(move |tx| {
            match next {
                Some(next) => {
                    tx.update::<Delivery>(&delivery.key(), |delivery| {
                        delivery.failures += 1;
                        delivery.next_try_at = next;
                    });
                }
                None => {
                    tx.delete::<Delivery>(&delivery.key());
                }
            }
            tell(tx, &delivery, state, told);
        })
        .await
    }

    /// The delivery is over: what it was for is no more.
    async fn forget(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let delivery = delivery.clone();
        self.write(move |tx| {
            tx.delete::<Delivery>(&delivery.key());
            tell(tx, &delivery, RecipientState::Failed, "the subscription is gone".into());
        })
        .await
    }

    async fn write(&self, change: impl FnOnce(&mut Tx) + Send + 'static) -> Result<(), StoreError> {
        let written = self.cloud.store.write(move |tx| {
            change(tx);
            Ok(())
        });
        written.await
    }
}

/// Tells the notification, or the subscription that is asked, how it stands.
fn tell(tx: &mut Tx, delivery: &Delivery, state: RecipientState, told: String) {
    let arn = &delivery.subscription_arn;
    match &delivery.what {
        Delivered::Notification(number) => {
            tx.update::<Notification>(number, |notification| {
                let recipients = notification.recipients.iter_mut();
                for recipient in recipients.filter(|one| one.subscription_arn == *arn) {
                    recipient.state = state;
                    recipient.told.clone_from(&told);
                    recipient.attempts = delivery.failures + 1;
                }
                if notification.is_over() {
                    shorten(&mut notification.message);
                }
            });
        }
        Delivered::Confirmation => {
            tx.update::<Subscription>(arn, |subscription| {
                subscription.asked = match told.is_empty() {
                    true => "it was asked to confirm".to_owned(),
                    false => told,
                };
            });
        }
    }
}

fn shorten(message: &mut String) {
    if message.len() > SHOWN {
        *message = message.chars().take(SHOWN).collect();
        message.push('…');
    }
}

fn policy(text: Option<Option<&String>>) -> Value {
    let parsed = text.flatten().and_then(|text| serde_json::from_str(text).ok());
    parsed.unwrap_or_default()
}

impl From<Result<(), Refusal>> for Outcome {
    fn from(answered: Result<(), Refusal>) -> Self {
        match answered {
            Ok(()) => Outcome::Taken,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }
}
