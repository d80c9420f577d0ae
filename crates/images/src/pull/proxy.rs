//! Connections through an HTTP proxy, where the machine has one.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// Which hosts are reached through which proxy. The default is none.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    matcher: Option<Arc<Matcher>>,
}

impl Proxies {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in small letters too.
    pub fn from_env() -> Self {
        Proxies { matcher: Some(Arc::new(Matcher::from_env())) }
    }

    /// One proxy for all hosts but those in `except` (`NO_PROXY`'s form).
    pub fn all(proxy: &str, except: &str) -> Self {
        let matcher = Matcher::builder().all(proxy.to_string()).no(except.to_string()).build();
        Proxies { matcher: Some(Arc::new(matcher)) }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Connects to hosts, directly or through their proxy.
#[derive(Clone)]
pub struct Dialer {
    tcp: HttpConnector,
    proxies: Proxies,
}

impl Dialer {
    pub fn new(tcp: HttpConnector, proxies: Proxies) -> Self {
        Dialer { tcp, proxies }
    }
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, host: Uri) -> Self::Future {
        // This machine is never behind its own proxy.
        let local = super::registry::is_local(host.host().unwrap_or_default());
        let matcher = self.proxies.matcher.as_ref().filter(|_| !local);
        let Some(proxy) = matcher.and_then(|matcher| matcher.intercept(&host)) else {
            let connecting = self.tcp.call(host);
            return Box::pin(async { connecting.await.map_err(Into::into) });
        };
        if proxy.uri().scheme_str() != Some("http") {
            let why = format!("the proxy {} is no HTTP proxy", proxy.uri());
            return Box::pin(async { Err(io::Error::other(why).into()) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.tcp.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let connecting = with_port(host).map(|host| tunnel.call(host));
        Box::pin(async { connecting?.await.map_err(Into::into) })
    }
}

/// The tunnel takes every host without a port for an HTTPS one.
fn with_port(host: Uri) -> Result<Uri, BoxError> {
    if host.port().is_some() {
        return Ok(host);
    }
    let scheme = host.scheme_str().unwrap_or("https");
    let port = if scheme == "http" { 80 } else { 443 };
    let name = host.host().ok_or("a URL without a host")?;
    Ok(format!("{scheme}://{name}:{port}/").parse()?)
}
