//! Bodies, upgrades, and connections that are used again.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::{Rig, raw, target};

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    for n in 0..10 {
        let request = format!("GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let answer = raw::read_one(&mut client).await;
        assert!(raw::body(&answer).starts_with(&format!("GET /{n} ")), "{answer}");
    }
    assert_eq!(echo.connections(), 1);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    let requests: String =
        (0..5).map(|n| format!("GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n")).collect();
    client.write_all(requests.as_bytes()).await.unwrap();
    for n in 0..5 {
        let answer = raw::read_one(&mut client).await;
        assert!(raw::body(&answer).starts_with(&format!("GET /{n} ")), "{answer}");
    }
}

#[tokio::test]
async fn a_chunked_upload_is_streamed() {
    // Answers each piece as soon as it has it: nothing may wait for the end.
    let target = target::serving(|mut tcp, _| async move {
        let head = raw::read_head(&mut tcp).await;
        assert!(head.to_ascii_lowercase().contains("transfer-encoding: chunked"), "{head}");
        tcp.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        let mut buffer = [0; 1024];
        while let Ok(read @ 1..) = tcp.read(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
            tcp.write_all(format!("{read:x}\r\n{text}\r\n").as_bytes()).await.unwrap();
            if text.contains("0\r\n\r\n") {
                tcp.write_all(b"0\r\n\r\n").await.unwrap();
                return;
            }
        }
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    raw::read_head(&mut client).await;
    for word in ["one", "two", "three"] {
        let chunk = format!("{:x}\r\n{word}\r\n", word.len());
        client.write_all(chunk.as_bytes()).await.unwrap();
        let mut seen = String::new();
        while !seen.contains(word) {
            seen.push(client.read_u8().await.unwrap().into());
        }
    }
    client.write_all(b"0\r\n\r\n").await.unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_target() {
    const CHUNK: usize = 64 * 1024;
    let (stuck, mut is_stuck) = tokio::sync::mpsc::unbounded_channel();
    // Writes until the sockets in between are full.
    let endless = target::serving(move |mut tcp, _| {
        let stuck = stuck.clone();
        async move {
            raw::read_head(&mut tcp).await;
            tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut written = 0usize;
            loop {
                let writing = tcp.write_all(&[b'x'; CHUNK]);
                let wait = std::time::Duration::from_millis(500);
                match tokio::time::timeout(wait, writing).await {
                    Ok(Ok(())) => written += CHUNK,
                    _ => break,
                }
            }
            stuck.send(written).unwrap();
        }
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&endless]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let written = is_stuck.recv().await.unwrap();
    // Socket buffers of two connections, and no gigabyte in between.
    assert!(written < 64 << 20, "{written}");
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    const SIZE: usize = 20 << 20;
    let target = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
        let mut left = SIZE;
        let mut buffer = vec![0; 1 << 16];
        while left > 0 {
            left -= tcp.read(&mut buffer).await.unwrap();
        }
        target::answer(&mut tcp, "all").await;
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    let head = format!("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {SIZE}\r\n\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(&vec![b'x'; SIZE]).await.unwrap();
    let answer = raw::read_one(&mut client).await;
    assert_eq!(raw::body(&answer), "all");
    assert!(rig.record().await.received_bytes > SIZE as u64);
}

#[tokio::test]
async fn expect_100_continue() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(raw::read_head(&mut client).await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"body").await.unwrap();
    let answer = raw::read_one(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("body"), "{answer}");
}

#[tokio::test]
async fn heads_have_no_body_and_connections_stay_in_step() {
    let target = target::serving(|mut tcp, _| async move {
        loop {
            let head = raw::read_head(&mut tcp).await;
            let answer: &[u8] = match head.split(' ').next() {
                Some("HEAD") => b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                Some("GET") => b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                Some("DELETE") => b"HTTP/1.1 204 No Content\r\n\r\n",
                _ => return,
            };
            tcp.write_all(answer).await.unwrap();
        }
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    for method in ["HEAD", "GET", "DELETE", "HEAD", "GET"] {
        let request = format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        let answer = match method {
            "GET" => raw::read_one(&mut client).await,
            _ => raw::read_head(&mut client).await,
        };
        assert_eq!(raw::body(&answer), if method == "GET" { "hello" } else { "" }, "{answer}");
    }
    assert_eq!(target.connections(), 1);
}

#[tokio::test]
async fn websockets_are_relayed_both_ways() {
    let target = target::serving(|mut tcp, _| async move {
        let head = raw::read_head(&mut tcp).await;
        assert!(head.to_ascii_lowercase().contains("connection: upgrade\r\n"), "{head}");
        assert!(head.contains("Sec-WebSocket-Key: k\r\n"), "{head}");
        let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\nfirst";
        tcp.write_all(switch.as_bytes()).await.unwrap();
        let mut word = [0; 4];
        while tcp.read_exact(&mut word).await.is_ok() {
            tcp.write_all(&word.map(|b| b.to_ascii_uppercase())).await.unwrap();
        }
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    let head = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    let answer = raw::read_head(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{answer}");
    assert!(answer.contains("Sec-WebSocket-Accept: a\r\n"), "{answer}");
    let mut first = [0; 5];
    client.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"first");
    for word in [b"ping", b"pong"] {
        client.write_all(word).await.unwrap();
        let mut echoed = [0; 4];
        client.read_exact(&mut echoed).await.unwrap();
        assert_eq!(echoed, word.map(|b| b.to_ascii_uppercase()));
    }
    drop(client);
    let record = rig.record().await;
    assert_eq!((record.elb_status, record.target_status), (101, Some(101)));
    assert_eq!(record.kind, neargate_lb::observe::RequestKind::Ws);
    assert!(record.received_bytes > 8 && record.sent_bytes > 13);
}

#[tokio::test]
async fn a_target_of_http_1_0_is_answered_for_in_1_1() {
    let old = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil the end").await.unwrap();
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&old]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    for _ in 0..2 {
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let head = raw::read_head(&mut client).await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("Server: old\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("transfer-encoding: chunked\r\n"), "{head}");
        let mut body = String::new();
        while !body.ends_with("0\r\n\r\n") {
            body.push(client.read_u8().await.unwrap().into());
        }
        assert_eq!(body, "D\r\nuntil the end\r\n0\r\n\r\n");
    }
}

#[tokio::test]
async fn a_client_of_http_1_0_without_host_is_served() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let answer = raw::exchange(rig.address(), "GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains(" 200 OK\r\n"), "{answer}");
    assert!(raw::body(&answer).contains("Host: 127.0.0.1\r\n"), "{answer}");
}

#[tokio::test]
async fn past_its_keep_alive_a_connection_ends_with_a_response() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    let mut config = rig.config(&[&echo]);
    config.load_balancers[0].attributes.client_keep_alive_secs = 0;
    rig.apply(&config).await;
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = raw::exchange(rig.address(), request).await;
    assert!(answer.contains("Connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_looks_like_an_error_is_a_body() {
    const BARE: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let target = target::serving(|mut tcp, _| async move {
        while !raw::read_head(&mut tcp).await.is_empty() {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", BARE.len());
            tcp.write_all(head.as_bytes()).await.unwrap();
            // Apart from the head, so that it is written apart to the client.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            tcp.write_all(BARE.as_bytes()).await.unwrap();
        }
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    for _ in 0..3 {
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        assert_eq!(raw::body(&raw::read_one(&mut client).await), BARE);
    }
}
