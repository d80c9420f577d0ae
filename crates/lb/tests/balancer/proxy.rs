//! The balancer over real sockets: what reaches targets, what comes back.

use crate::rig::{Rig, raw, target};

#[tokio::test]
async fn forwards_with_awss_headers() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let answer = raw::exchange(
        rig.address(),
        "GET /a?b=c HTTP/1.1\r\nHost: app.example\r\nX-CamelCase: 1\r\nConnection: close\r\n\r\n",
    )
    .await;
    let seen = raw::body(&answer);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(seen.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("X-CamelCase: 1\r\n"), "{seen}");
    assert!(seen.contains("X-Forwarded-For: 127.0.0.1\r\n"), "{seen}");
    assert!(seen.contains("X-Forwarded-Proto: http\r\n"), "{seen}");
    assert!(seen.contains("X-Amzn-Trace-Id: Root=1-"), "{seen}");
    assert!(!seen.to_ascii_lowercase().contains("connection:"), "{seen}");
    let record = rig.record().await;
    assert_eq!((record.elb_status, record.target_status), (200, Some(200)));
    assert_eq!(record.target, Some(echo.address));
}

#[tokio::test]
async fn no_target_is_503_in_awss_form() {
    let rig = Rig::start().await;
    rig.forward_to(&[]).await;
    let answer =
        raw::exchange(rig.address(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await;
    assert!(answer.starts_with("HTTP/1.1 503 Service Temporarily Unavailable\r\n"), "{answer}");
    assert!(answer.contains("Server: awselb/2.0\r\n"), "{answer}");
    assert!(answer.contains("<head><title>503 Service Temporarily Unavailable</title></head>\r\n"));
    assert_eq!(rig.record().await.elb_status, 503);
}

#[tokio::test]
async fn nonsense_is_400_in_awss_form() {
    let rig = Rig::start().await;
    rig.forward_to(&[]).await;
    for head in [
        "G\u{1}T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nbad name: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let answer = raw::exchange(rig.address(), head).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head:?} {answer}");
        assert!(answer.contains("Server: awselb/2.0\r\n"), "{answer}");
        assert_eq!(rig.record().await.elb_status, 400);
    }
    let huge = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    assert!(raw::exchange(rig.address(), &huge).await.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    let gzip = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n";
    assert!(
        raw::exchange(rig.address(), gzip).await.starts_with("HTTP/1.1 501 Not Implemented\r\n")
    );
    let http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let answer = raw::exchange(rig.address(), http2).await;
    assert!(answer.starts_with("HTTP/1.1 505 HTTP Version Not Supported\r\n"), "{answer}");
    let trace = "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert!(raw::exchange(rig.address(), trace).await.starts_with("HTTP/1.1 405 Not Allowed\r\n"));
}
