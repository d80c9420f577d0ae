//! What a connection does around its requests, byte by byte.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use neargate_edge::{Body, Handle, full, read_body, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Refuses what is put to `/no`, and reads what is put elsewhere.
struct Doorkeeper;

impl Handle for Doorkeeper {
    fn handle(
        &self,
        request: Request<Incoming>,
        _: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(async move {
            let refused = request.uri().path() == "/no";
            let body = if refused {
                full("not you")
            } else {
                full(read_body(request.into_body(), false, 1024).await.expect("the body"))
            };
            let status = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            Response::builder().status(status).body(body).expect("an answer")
        })
    }
}

/// A connection to a [`Doorkeeper`], who is there until the sender is gone.
async fn connected() -> (TcpStream, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(serve(Arc::new(Doorkeeper), listener, stopped));
    (TcpStream::connect(address).await.expect("a connection"), stop)
}

fn head(path: &str, more: &str) -> String {
    format!("PUT {path} HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n{more}\r\n")
}

/// Reads until `end` has come.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = stream.read_u8().await.unwrap_or_else(|e| panic!("{e} after {text:?}"));
        text.push(char::from(byte));
    }
    text
}

#[tokio::test]
async fn a_refusal_before_the_body_says_that_the_connection_ends() {
    let (mut stream, _stop) = connected().await;
    let asked = head("/no", "Expect: 100-continue\r\n");
    stream.write_all(asked.as_bytes()).await.expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer, and its end");
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("not you"), "{answer}");
}

#[tokio::test]
async fn a_body_that_was_waited_for_leaves_the_connection_open() {
    let (mut stream, _stop) = connected().await;
    for _ in 0..2 {
        let asked = head("/yes", "Expect: 100-continue\r\n");
        stream.write_all(asked.as_bytes()).await.expect("a request");
        read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
        stream.write_all(b"hello").await.expect("a body");
        let answer = read_until(&mut stream, "hello").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_body_that_came_leaves_the_connection_open() {
    let (mut stream, _stop) = connected().await;
    for _ in 0..2 {
        let asked = head("/no", "") + "hello";
        stream.write_all(asked.as_bytes()).await.expect("a request");
        let answer = read_until(&mut stream, "not you").await;
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}
