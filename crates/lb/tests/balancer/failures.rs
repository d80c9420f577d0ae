//! What clients get when targets, or clients themselves, misbehave.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::{Rig, raw, target};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

async fn status_of(rig: &Rig, request: &str) -> String {
    raw::exchange(rig.address(), request).await.lines().next().unwrap_or_default().to_owned()
}

/// Gives the one listener an idle timeout of a second.
async fn impatient(rig: &Rig, targets: &[&target::Backend]) {
    let mut config = rig.config(targets);
    config.load_balancers[0].attributes.idle_timeout_secs = 1;
    rig.apply(&config).await;
}

#[tokio::test]
async fn a_target_that_is_not_there_is_502() {
    let gone = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&gone]).await;
    drop(gone);
    tokio::task::yield_now().await;
    assert_eq!(status_of(&rig, GET).await, "HTTP/1.1 502 Bad Gateway");
    let record = rig.record().await;
    assert_eq!((record.elb_status, record.target_status), (502, None));
    assert_eq!(record.target_processing, None);
    assert!(rig.saw("TargetConnectFailed"));
}

#[tokio::test]
async fn a_request_that_a_target_takes_no_connection_for_goes_to_another() {
    let (gone, there) = (target::echo().await, target::echo().await);
    let rig = Rig::start().await;
    rig.forward_to(&[&gone, &there]).await;
    drop(gone);
    tokio::task::yield_now().await;
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    for _ in 0..4 {
        let answer = raw::exchange(rig.address(), post).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("hello"), "{answer}");
        assert_eq!(rig.record().await.target, Some(there.address));
    }
    assert!(rig.saw("TargetConnectFailed"));
}

#[tokio::test]
async fn a_target_that_hangs_up_or_talks_nonsense_is_502() {
    let silent = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&silent]).await;
    assert_eq!(status_of(&rig, GET).await, "HTTP/1.1 502 Bad Gateway");
    assert_eq!(silent.connections(), 1, "a new connection's request is not repeated");

    let babbler = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
        tcp.write_all(b"SSH-2.0-OpenSSH\r\n\r\n").await.unwrap();
    })
    .await;
    rig.forward_to(&[&babbler]).await;
    assert_eq!(status_of(&rig, GET).await, "HTTP/1.1 502 Bad Gateway");

    let verbose = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
        let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(40_000));
        let _ = tcp.write_all(huge.as_bytes()).await;
    })
    .await;
    rig.forward_to(&[&verbose]).await;
    assert_eq!(status_of(&rig, GET).await, "HTTP/1.1 502 Bad Gateway");
}

#[tokio::test]
async fn a_silent_target_is_504() {
    let silent = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
        std::future::pending::<()>().await;
    })
    .await;
    let rig = Rig::start().await;
    impatient(&rig, &[&silent]).await;
    assert_eq!(status_of(&rig, GET).await, "HTTP/1.1 504 Gateway Time-out");
    assert_eq!(rig.record().await.elb_status, 504);
}

#[tokio::test]
async fn a_client_that_stalls_is_408() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    impatient(&rig, &[&echo]).await;
    let stalled_head = "GET / HTTP/1.1\r\nHos";
    assert_eq!(status_of(&rig, stalled_head).await, "HTTP/1.1 408 Request Time-out");
    assert_eq!(rig.record().await.elb_status, 408);
    let stalled_body = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf";
    assert_eq!(status_of(&rig, stalled_body).await, "HTTP/1.1 408 Request Time-out");
    let record = rig.record().await;
    assert_eq!(record.elb_status, 408);
    // An idle connection just ends.
    let mut idle = TcpStream::connect(rig.address()).await.unwrap();
    assert_eq!(raw::read_to_end(&mut idle).await, "");
}

#[tokio::test]
async fn a_client_that_leaves_is_460() {
    let (asked, mut was_asked) = tokio::sync::mpsc::unbounded_channel();
    let slow = target::serving(move |mut tcp, _| {
        let asked = asked.clone();
        async move {
            raw::read_head(&mut tcp).await;
            asked.send(()).unwrap();
            // Until the balancer hangs up.
            let _ = tcp.read_u8().await;
            asked.send(()).unwrap();
        }
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&slow]).await;
    let mut client = TcpStream::connect(rig.address()).await.unwrap();
    client.write_all(GET.as_bytes()).await.unwrap();
    was_asked.recv().await.unwrap();
    drop(client);
    let record = rig.record().await;
    assert_eq!((record.elb_status, record.target_status), (460, None));
    was_asked.recv().await.unwrap();
}

#[tokio::test]
async fn too_many_forwarded_addresses_are_463() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let with = |n: usize| {
        let addresses = vec!["10.0.0.1"; n].join(", ");
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {addresses}\r\nConnection: close\r\n\r\n"
        )
    };
    assert!(status_of(&rig, &with(31)).await.starts_with("HTTP/1.1 463"));
    assert_eq!(status_of(&rig, &with(30)).await, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn limits_on_heads() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let field = |n: usize| format!("X-Long: {}\r\n", "x".repeat(n));
    let with = |path: usize, fields: &str| {
        let path = "p".repeat(path);
        format!("GET /{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n")
    };
    assert_eq!(status_of(&rig, &with(16_000, &field(16_000))).await, "HTTP/1.1 200 OK");
    assert_eq!(status_of(&rig, &with(17_000, "")).await, "HTTP/1.1 400 Bad Request");
    assert_eq!(status_of(&rig, &with(1, &field(17_000))).await, "HTTP/1.1 400 Bad Request");
    assert_eq!(
        status_of(&rig, &with(1, &field(15_000).repeat(5))).await,
        "HTTP/1.1 400 Bad Request"
    );
}

/// Answers one request on each connection, then closes it without a word
/// when the next one has come.
async fn forgetful() -> target::Backend {
    target::serving(|mut tcp, number| async move {
        raw::read_one(&mut tcp).await;
        target::answer(&mut tcp, &format!("connection {number}")).await;
        raw::read_head(&mut tcp).await;
    })
    .await
}

#[tokio::test]
async fn a_kept_connection_that_the_target_closed_is_replaced() {
    let target = forgetful().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    for number in 0..4 {
        let answer = raw::exchange(rig.address(), GET).await;
        assert_eq!(raw::body(&answer), format!("connection {number}"), "{answer}");
    }
}

#[tokio::test]
async fn a_post_that_was_sent_is_not_repeated() {
    let target = forgetful().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
    assert_eq!(status_of(&rig, post).await, "HTTP/1.1 200 OK");
    assert_eq!(status_of(&rig, post).await, "HTTP/1.1 502 Bad Gateway");
    assert_eq!(target.connections(), 1);
}

#[tokio::test]
async fn a_response_that_breaks_off_breaks_off_for_the_client() {
    let target = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await.unwrap();
    })
    .await;
    let rig = Rig::start().await;
    rig.forward_to(&[&target]).await;
    let answer = raw::exchange(rig.address(), GET).await;
    assert_eq!(raw::body(&answer), "half");
    assert_eq!(rig.record().await.elb_status, 200);
}

#[tokio::test]
async fn desync_modes() {
    use neargate_lb::config::DesyncMode;
    use neargate_lb::observe::Classification;
    let echo = target::echo().await;
    let rig = Rig::start().await;
    let twice = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n";
    let te_twice = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (mode, ambiguous, severe) in [
        (DesyncMode::Monitor, "200", "200"),
        (DesyncMode::Defensive, "200", "400"),
        (DesyncMode::Strictest, "400", "400"),
    ] {
        let mut config = rig.config(&[&echo]);
        config.load_balancers[0].attributes.desync_mode = mode;
        rig.apply(&config).await;
        let mut close = twice.to_owned();
        if mode == DesyncMode::Monitor {
            close = twice.replace("Host: a", "Host: a\r\nConnection: close");
        }
        // Otherwise the balancer closes, unasked: the exchange ends.
        assert_eq!(&status_of(&rig, &close).await[9..12], ambiguous, "{mode:?}");
        let found = rig.record().await.classification;
        assert_eq!(found, Some(Classification::Ambiguous("DuplicateContentLength")));
        assert_eq!(&status_of(&rig, te_twice).await[9..12], severe, "{mode:?}");
        let found = rig.record().await.classification;
        assert_eq!(found, Some(Classification::Severe("MultipleTransferEncodingChunked")));
    }
}

#[tokio::test]
async fn garbage_and_half_open_connections_hurt_nobody() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&echo]).await;
    let mut half_open = Vec::new();
    for n in 0..200 {
        let mut tcp = TcpStream::connect(rig.address()).await.unwrap();
        let beginning = &GET.as_bytes()[..n % GET.len()];
        tcp.write_all(beginning).await.unwrap();
        half_open.push(tcp);
    }
    let rng = neargate_ids::Rng::seeded(4);
    for _ in 0..200 {
        let mut garbage = GET.as_bytes().to_vec();
        for _ in 0..=rng.below(8) {
            let at = rng.below(garbage.len() as u64) as usize;
            garbage[at] = rng.next_u64() as u8;
        }
        let mut tcp = TcpStream::connect(rig.address()).await.unwrap();
        tcp.write_all(&garbage).await.unwrap();
        tcp.shutdown().await.unwrap();
        raw::read_to_end(&mut tcp).await;
    }
    assert_eq!(status_of(&rig, GET).await, "HTTP/1.1 200 OK");
}
