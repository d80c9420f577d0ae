//! `/_neargate/events`: the events of all services, oldest first, a line of JSON
//! each; with `?follow`, those that come from then on too. `?service=NAME` leaves
//! the other services out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::poll_fn;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use neargate_api::model::ecs::{Service, ServiceStatus};
use neargate_api::{Cloud, Record, Snapshot, Timestamp};
use neargate_edge::Body;
use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::services::{is_named, unknown};

/// Which events are asked for.
#[derive(Default)]
pub struct Asked {
    pub follow: bool,
    pub service: Option<String>,
}

impl Asked {
    /// From a page's query.
    pub fn parse(query: Option<&str>) -> Self {
        let mut asked = Asked::default();
        for part in query.unwrap_or_default().split('&') {
            match part.split_once('=').unwrap_or((part, "")) {
                ("follow", _) => asked.follow = true,
                ("service", name) => asked.service = Some(name.to_owned()),
                _ => {}
            }
        }
        asked
    }
}

/// The body of the answer; the error is why there is none.
pub fn body(cloud: Arc<Cloud>, asked: Asked, stop: watch::Receiver<bool>) -> Result<Body, String> {
    if let Some(name) = &asked.service {
        let snapshot = cloud.store.snapshot();
        let is_there = |s: &Arc<Service>| s.status != ServiceStatus::Inactive;
        let all: Vec<_> = snapshot.all::<Service>().filter(is_there).collect();
        if !all.iter().any(|service| is_named(service, name)) {
            return Err(unknown(name, &all));
        }
    }
    let (lines, mut to_send) = mpsc::channel(4);
    tokio::spawn(tell(cloud, asked, stop, lines));
    let frames = poll_fn(move |context| {
        to_send.poll_recv(context).map(|lines| lines.map(|lines| Ok(Frame::data(lines))))
    });
    Ok(StreamBody::new(frames).boxed())
}

/// Sends the lines to whoever asked, until there are no more, or nobody takes them.
async fn tell(
    cloud: Arc<Cloud>,
    asked: Asked,
    mut stop: watch::Receiver<bool>,
    to: mpsc::Sender<Bytes>,
) {
    let mut changes = cloud.store.changes_in::<Service>();
    let mut told = Told::default();
    loop {
        let lines = told.lines(&cloud.store.snapshot(), asked.service.as_deref());
        if !lines.is_empty() && to.send(lines.into()).await.is_err() {
            return;
        }
        if !asked.follow {
            return;
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = to.closed() => return,
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// What was told already: of each service the record as it was then.
#[derive(Default)]
struct Told(HashMap<String, Arc<Service>>);

impl Told {
    /// What is new since the last time, oldest first.
    fn lines(&mut self, snapshot: &Snapshot, wanted: Option<&str>) -> String {
        let mut new: Vec<(Timestamp, String)> = Vec::new();
        for service in snapshot.all::<Service>() {
            if wanted.is_some_and(|name| !is_named(&service, name)) {
                continue;
            }
            let earlier = self.0.insert(service.key(), service.clone());
            if earlier.as_ref().is_some_and(|earlier| Arc::ptr_eq(earlier, &service)) {
                continue;
            }
            let known: HashSet<&str> =
                earlier.iter().flat_map(|s| &s.events).map(|event| event.id.as_str()).collect();
            for event in service.events.iter().rev().filter(|e| !known.contains(e.id.as_str())) {
                let line = json!({
                    "id": event.id,
                    "at": event.at.iso8601(),
                    "cluster": service.cluster,
                    "service": service.name,
                    "message": event.message,
                });
                new.push((event.at, format!("{line}\n")));
            }
        }
        new.sort_by_key(|(at, _)| *at);
        new.into_iter().map(|(_, line)| line).collect()
    }
}
