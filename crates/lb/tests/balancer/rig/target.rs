//! Targets: small servers written out by hand, so that they can misbehave.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::raw;

/// A server that ends with the test.
pub struct Backend {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Backend {
    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs `serve` for each connection, with its number from 0.
pub async fn serving<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> Backend
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    let task = tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let number = count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(tcp, number));
        }
    });
    Backend { address, connections, task }
}

/// Answers with the request's own head and body, and keeps the connection.
pub async fn echo() -> Backend {
    serving(|mut tcp, _| async move {
        loop {
            let request = raw::read_one(&mut tcp).await;
            if request.is_empty() || !answer(&mut tcp, &request).await {
                return;
            }
        }
    })
    .await
}

/// Answers with its own name, and keeps the connection.
pub async fn named(name: &'static str) -> Backend {
    serving(move |mut tcp, _| async move {
        loop {
            let request = raw::read_one(&mut tcp).await;
            if request.is_empty() || !answer(&mut tcp, name).await {
                return;
            }
        }
    })
    .await
}

/// Writes a 200 with `body`; tells whether that worked.
pub async fn answer(tcp: &mut TcpStream, body: &str) -> bool {
    use tokio::io::AsyncWriteExt;
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    tcp.write_all(whole.as_bytes()).await.is_ok()
}
