//! Neargate's own pages under `/_neargate/`: health, what is inert, load balancers,
//! loops, services, their events and how they live, and what was published to topics.
//! Whoever is on this machine may read them.

mod events;
mod live;
mod notifications;
mod services;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use neargate_api::Cloud;
use neargate_balancers::{BalancerStatus, Balancers, ListenerStatus};
use neargate_edge::{Body, Route, full};
use neargate_reconcile::Progress;
use neargate_series::Series;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::inert::InertSettings;

/// The prefix of all of them.
pub const PREFIX: &str = "/_neargate/";

pub struct Own {
    pub cloud: Arc<Cloud>,
    pub inert: Arc<InertSettings>,
    pub progress: Progress,
    pub balancers: Balancers,
    pub series: Arc<Series>,
    /// Turns true when Neargate stops: pages that go on end then.
    pub stop: watch::Receiver<bool>,
}

/// The pages, by their paths after the prefix.
const PAGES: [&str; 8] =
    ["events", "health", "inert", "live", "load-balancers", "loops", "notifications", "services"];

impl Own {
    fn health(&self) -> Value {
        json!({ "status": "ready", "version": env!("CARGO_PKG_VERSION") })
    }

    /// What each loop did last, and what it waits for.
    fn loops(&self) -> Value {
        let all = self.progress.all();
        let shown = all.iter().map(|(name, status)| {
            json!({ "loop": name, "at": status.at.iso8601(), "waitsFor": status.waits_for })
        });
        json!({ "loops": shown.collect::<Vec<_>>() })
    }

    /// Where each load balancer is reached, and how its targets are.
    fn load_balancers(&self) -> Value {
        let all = self.balancers.status(&self.cloud.store.snapshot());
        let shown: Vec<_> = all.iter().map(load_balancer).collect();
        json!({ "loadBalancers": shown })
    }

    fn inert(&self) -> Value {
        let shown: Vec<_> = self
            .inert
            .list()
            .iter()
            .map(|i| json!({ "resource": i.resource, "field": i.field, "onAws": i.on_aws }))
            .collect();
        json!({ "inert": shown })
    }
}

fn load_balancer(balancer: &BalancerStatus) -> Value {
    let listeners: Vec<_> = balancer.listeners.iter().map(listener).collect();
    json!({
        "name": balancer.name,
        "arn": balancer.arn,
        "dnsName": balancer.dns_name,
        "address": balancer.address,
        "listeners": listeners,
        "targets": balancer.targets,
    })
}

fn listener(listener: &ListenerStatus) -> Value {
    json!({
        "port": listener.port,
        "protocol": listener.protocol,
        "bound": listener.bound,
        "problems": listener.problems,
    })
}

impl Own {
    /// The services, or those of one name.
    fn services(&self, wanted: Option<&str>) -> Result<Value, String> {
        let loops = self.progress.all();
        let waits_for = loops.get("services").map(|status| status.waits_for.as_slice());
        let (snapshot, now) = (self.cloud.store.snapshot(), self.cloud.clock.now());
        services::document(&snapshot, waits_for.unwrap_or_default(), wanted, now)
    }

    /// How the services live, or those of one name.
    fn live(&self, wanted: Option<&str>) -> Result<Value, String> {
        live::document(&self.cloud, &self.series, wanted)
    }

    fn answer(&self, request: &Request<Incoming>) -> Result<Body, Value> {
        let not_there = |error: String| json!({ "error": error });
        let path = request.uri().path().trim_start_matches(PREFIX);
        let (page, name) = match path.split_once('/') {
            Some((page, name)) => (page, Some(name)),
            None => (path, None),
        };
        let page = match (page, name) {
            ("events", None) => {
                let asked = events::Asked::parse(request.uri().query());
                return events::body(self.cloud.clone(), asked, self.stop.clone())
                    .map_err(not_there);
            }
            ("health", None) => self.health(),
            ("inert", None) => self.inert(),
            ("live", name) => self.live(name).map_err(not_there)?,
            ("load-balancers", None) => self.load_balancers(),
            ("loops", None) => self.loops(),
            ("notifications", None) => {
                let asked = notifications::Asked::parse(request.uri().query());
                return Ok(notifications::body(self.cloud.clone(), asked, self.stop.clone()));
            }
            ("services", name) => self.services(name).map_err(not_there)?,
            _ => return Err(json!({ "error": "Neargate has no such page", "pages": PAGES })),
        };
        Ok(full(format!("{page}\n")))
    }
}

impl Route for Own {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        let (status, body) = match self.answer(&request) {
            Ok(body) => (200, body),
            Err(why) => (404, full(format!("{why}\n"))),
        };
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .body(body);
        Box::pin(async move { response.expect("these headers are valid") })
    }
}
