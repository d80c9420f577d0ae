//! What tasks reach at 169.254.170.2: their metadata on port 80, and the AWS
//! endpoint on Neargate's own port. Each VPC's router has these listeners, so that
//! the peer's address, which a task cannot forge, tells who asks.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use neargate_api::Cloud;
use neargate_edge::{Body, Edge, Handle, full, serve};
use neargate_reconcile::{RouterListener, Running};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Serves every listener that the network loop opens, until `stop`.
pub async fn serve_all(
    cloud: Arc<Cloud>,
    edge: Arc<Edge>,
    running: Running,
    mut listeners: mpsc::UnboundedReceiver<RouterListener>,
    stop: watch::Receiver<bool>,
) {
    let mut serving = JoinSet::new();
    while let Some(RouterListener { vpc_id, listener }) = listeners.recv().await {
        let is_api = listener.local_addr().is_ok_and(|address| address.port() == cloud.port);
        if is_api {
            serving.spawn(serve(edge.clone(), listener, stop.clone()));
        } else {
            let metadata = Metadata { cloud: cloud.clone(), running: running.clone(), vpc_id };
            serving.spawn(serve(Arc::new(metadata), listener, stop.clone()));
        }
    }
    while serving.join_next().await.is_some() {}
}

struct Metadata {
    cloud: Arc<Cloud>,
    running: Running,
    vpc_id: String,
}

impl Metadata {
    fn answer(&self, path: &str, peer: SocketAddr) -> Response<Body> {
        let snapshot = self.cloud.store.snapshot();
        let (status, document) =
            match neargate_metadata::task_at(&snapshot, &self.vpc_id, peer.ip()) {
                Some(task) => {
                    let statistics = || Some(self.running.get(&task.id)?.stats());
                    neargate_metadata::answer(&self.cloud, &task, path, statistics)
                }
                None => (StatusCode::NOT_FOUND, "there is no task at this address".into()),
            };
        let response =
            Response::builder().status(status).header("content-type", "application/json");
        response.body(full(document.to_string())).expect("these headers are valid")
    }
}

impl Handle for Metadata {
    fn handle(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        let response = self.answer(request.uri().path(), peer);
        Box::pin(async move { response })
    }
}
