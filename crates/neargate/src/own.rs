//! Neargate's own pages under `/_neargate/`: health, what is inert, load balancers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use neargate_api::Cloud;
use neargate_balancers::{BalancerStatus, Balancers, ListenerStatus};
use neargate_edge::{Body, Route, full};
use neargate_reconcile::Progress;
use serde_json::json;

use crate::inert::InertSettings;

/// The prefix of all of them.
pub const PREFIX: &str = "/_neargate/";

pub struct Own {
    pub cloud: Arc<Cloud>,
    pub inert: Arc<InertSettings>,
    pub progress: Progress,
    pub balancers: Balancers,
}

impl Own {
    fn health(&self) -> serde_json::Value {
        json!({ "status": "ready", "version": env!("CARGO_PKG_VERSION") })
    }

    /// What each loop did last, and what it waits for.
    fn loops(&self) -> serde_json::Value {
        let all = self.progress.all();
        let shown = all.iter().map(|(name, status)| {
            json!({ "loop": name, "at": status.at.iso8601(), "waitsFor": status.waits_for })
        });
        json!({ "loops": shown.collect::<Vec<_>>() })
    }

    /// Where each load balancer is reached, and how its targets are.
    fn load_balancers(&self) -> serde_json::Value {
        let all = self.balancers.status(&self.cloud.store.snapshot());
        let shown: Vec<_> = all.iter().map(load_balancer).collect();
        json!({ "loadBalancers": shown })
    }

    fn inert(&self) -> serde_json::Value {
        let shown: Vec<_> = self
            .inert
            .list()
            .iter()
            .map(|i| json!({ "resource": i.resource, "field": i.field, "onAws": i.on_aws }))
            .collect();
        json!({ "inert": shown })
    }
}

fn load_balancer(balancer: &BalancerStatus) -> serde_json::Value {
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

fn listener(listener: &ListenerStatus) -> serde_json::Value {
    json!({
        "port": listener.port,
        "protocol": listener.protocol,
        "bound": listener.bound,
        "problems": listener.problems,
    })
}

impl Route for Own {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        let page = match request.uri().path().trim_start_matches(PREFIX) {
            "health" => Some(self.health()),
            "inert" => Some(self.inert()),
            "load-balancers" => Some(self.load_balancers()),
            "loops" => Some(self.loops()),
            _ => None,
        };
        let (status, body) = match page {
            Some(page) => (200, page),
            None => (
                404,
                json!({ "error": "Neargate has no such page", "pages": ["health", "inert", "load-balancers", "loops"] }),
            ),
        };
        let mut text = body.to_string();
        text.push('\n');
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .body(full(text));
        Box::pin(async move { response.expect("these headers are valid") })
    }
}
