//! HTTP/1 by hand.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Writes `request` on a new connection and reads until the other side ends.
pub async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    tcp.write_all(request.as_bytes()).await.unwrap();
    read_to_end(&mut tcp).await
}

/// Everything until the other side ends; a reset ends it too.
pub async fn read_to_end(tcp: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = tcp.read(&mut buffer).await {
        answer.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// A head, and as much body as its Content-Length says.
pub async fn read_one(tcp: &mut TcpStream) -> String {
    let mut answer = read_head(tcp).await;
    let head = answer.to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|t| t.split("\r\n").next());
    let length: usize = length.map_or(0, |l| l.parse().unwrap());
    let mut body = vec![0; length];
    tcp.read_exact(&mut body).await.unwrap();
    answer.push_str(std::str::from_utf8(&body).unwrap());
    answer
}

/// Up to the blank line; what came before an early end otherwise.
pub async fn read_head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// What follows the head.
pub fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
