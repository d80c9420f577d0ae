//! `/_neargate/notifications`: what was published to topics, oldest first, a line of JSON each, with
//! what became of it for each subscription; with `?follow`, those that come or change from then on
//! too. `?topic=NAME` leaves other topics out.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::poll_fn;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use neargate_api::model::sns::{Notification, Subscription};
use neargate_api::{Cloud, Record, Snapshot};
use neargate_edge::Body;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

/// Which are asked for.
#[derive(Default)]
pub struct Asked {
    pub follow: bool,
    /// A name, or an ARN.
    pub topic: Option<String>,
}

impl Asked {
    /// From a page's query.
    pub fn parse(query: Option<&str>) -> Self {
        let mut asked = Asked::default();
        for part in query.unwrap_or_default().split('&') {
            match part.split_once('=').unwrap_or((part, "")) {
                ("follow", _) => asked.follow = true,
                ("topic", name) => asked.topic = Some(name.to_owned()),
                _ => {}
            }
        }
        asked
    }

    fn wants(&self, topic_arn: &str) -> bool {
        let name = topic_arn.rsplit(':').next();
        self.topic.as_deref().is_none_or(|topic| topic == topic_arn || Some(topic) == name)
    }
}

/// The body of the answer.
pub fn body(cloud: Arc<Cloud>, asked: Asked, stop: watch::Receiver<bool>) -> Body {
    let (lines, mut to_send) = mpsc::channel(4);
    tokio::spawn(tell(cloud, asked, stop, lines));
    let frames = poll_fn(move |context| {
        to_send.poll_recv(context).map(|lines| lines.map(|lines| Ok(Frame::data(lines))))
    });
    StreamBody::new(frames).boxed()
}

async fn tell(
    cloud: Arc<Cloud>,
    asked: Asked,
    mut stop: watch::Receiver<bool>,
    to: mpsc::Sender<Bytes>,
) {
    let mut changes = cloud.store.changes_in::<Notification>();
    let mut subscriptions = cloud.store.changes_in::<Subscription>();
    let mut told = HashMap::new();
    loop {
        let lines = new_lines(&cloud.store.snapshot(), &asked, &mut told);
        if !lines.is_empty() && to.send(lines.into()).await.is_err() {
            return;
        }
        if !asked.follow {
            return;
        }
        tokio::select! {
            _ = changes.changed() => {}
            _ = subscriptions.changed() => {}
            () = to.closed() => return,
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Those that are not the same as when they were told last.
fn new_lines(snapshot: &Snapshot, asked: &Asked, told: &mut HashMap<String, Value>) -> String {
    let questions = snapshot.all::<Subscription>().filter(|found| found.pending.is_some());
    let questions = questions
        .filter(|found| asked.wants(&found.topic_arn))
        .map(|found| (found.key(), question(&found)));
    let published = snapshot.all::<Notification>().filter(|found| asked.wants(&found.topic_arn));
    let published = published.map(|found| (found.key(), shown(&found)));
    let mut lines = String::new();
    for (key, line) in questions.chain(published) {
        if told.get(&key) != Some(&line) {
            lines.push_str(&format!("{line}\n"));
            told.insert(key, line);
        }
    }
    lines
}

fn shown(notification: &Notification) -> Value {
    let recipients = notification.recipients.iter().map(|recipient| {
        json!({
            "protocol": recipient.protocol,
            "endpoint": recipient.endpoint,
            "subscription": recipient.subscription_arn,
            "state": recipient.state.name(),
            "told": recipient.told,
            "attempts": recipient.attempts,
        })
    });
    json!({
        "id": notification.message_id,
        "at": notification.at.iso8601(),
        "topic": notification.topic_arn,
        "subject": notification.subject,
        "message": notification.message,
        "subscriptions": recipients.collect::<Vec<_>>(),
    })
}

/// A subscription that waits for its endpoint to confirm.
fn question(subscription: &Subscription) -> Value {
    json!({
        "topic": subscription.topic_arn,
        "unconfirmed": {
            "protocol": subscription.protocol,
            "endpoint": subscription.endpoint,
            "told": subscription.asked,
            "token": subscription.pending,
        },
    })
}
