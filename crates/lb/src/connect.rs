//! How the balancer reaches a target. The daemon opens sockets inside the
//! load balancer's network namespace; tests connect plainly.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::net::TcpStream;

/// What [`Connector::connect`] gives back.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send + 'a>>;

/// Opens connections to targets, for requests and for health checks.
pub trait Connector: Send + Sync + 'static {
    /// A connection from the load balancer `app/<name>/<id>` to `target`.
    /// The balancer bounds the time it takes and sets TCP_NODELAY itself.
    fn connect<'a>(&'a self, load_balancer: &'a str, target: SocketAddr) -> Connecting<'a>;
}

/// Connects from the namespace that the program itself is in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

impl Connector for Direct {
    fn connect<'a>(&'a self, _load_balancer: &'a str, target: SocketAddr) -> Connecting<'a> {
        Box::pin(TcpStream::connect(target))
    }
}
