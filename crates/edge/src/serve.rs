//! Connections: accepted, bounded, and ended when Neargate stops.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::aws::AwsApi;
use crate::body::Body;

/// A handler for a part of the port that is no AWS API: the registry, S3, Neargate's own pages.
pub trait Route: Send + Sync {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>>;
}

/// Whoever answers the requests of a listener, and may ask where they come from.
pub trait Handle: Send + Sync + 'static {
    fn handle(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>>;
}

/// Where a request comes from: an extension of every one that an [`Edge`] answers.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Everything that one port serves.
pub struct Edge {
    aws: Arc<AwsApi>,
    routes: Vec<(Matches, Arc<dyn Route>)>,
}

/// Whether a request is for a route.
type Matches = Box<dyn Fn(&Request<Incoming>) -> bool + Send + Sync>;

impl Edge {
    pub fn new(aws: Arc<AwsApi>) -> Self {
        Edge { aws, routes: Vec::new() }
    }

    /// Requests that `matches` go to `route`; the first that matches has them.
    pub fn route(
        mut self,
        matches: impl Fn(&Request<Incoming>) -> bool + Send + Sync + 'static,
        route: Arc<dyn Route>,
    ) -> Self {
        self.routes.push((Box::new(matches), route));
        self
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        for (matches, route) in &self.routes {
            if matches(&request) {
                return route.handle(request).await;
            }
        }
        let (parts, body) = request.into_parts();
        self.aws.handle(parts, body).await
    }
}

impl Handle for Edge {
    fn handle(
        &self,
        mut request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        request.extensions_mut().insert(Peer(peer));
        Box::pin(self.answer(request))
    }
}

/// A client that has not sent its headers by then is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// What connections in flight may still take once Neargate stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Of a refusal to a request that waits for `100 Continue`. Whether its body still comes, nobody
/// knows, so that the connection has to end; a client that is not told uses it again, and finds it
/// closed amid its next request (RFC 9110, section 10.1.1).
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// Serves `listener` until `stop` turns true, then drains.
pub async fn serve<H: Handle>(
    handler: Arc<H>,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                connections.spawn(connection(handler.clone(), stream, peer, stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::debug!("connections were still open at the stop");
    }
}

/// Resolves once `stop` is true, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn connection<H: Handle>(
    handler: Arc<H>,
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = handler.clone();
        async move {
            let waits = request.headers().contains_key(header::EXPECT);
            let mut answer = handler.handle(request, peer).await;
            if waits && !answer.status().is_success() {
                answer.headers_mut().insert(header::CONNECTION, CLOSE);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new());
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}
