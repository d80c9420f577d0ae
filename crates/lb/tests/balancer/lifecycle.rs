//! Configurations that change under traffic, and targets on their way out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use neargate_ids::Timestamp;
use neargate_lb::config::{Action, Condition, FixedResponse, Redirect, Rule, TargetState};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::rig::{GROUP, Rig, raw, target};

const GET: &str = "GET /x?q=1 HTTP/1.1\r\nHost: Shop.example\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn rules_redirects_and_fixed_responses() {
    let echo = target::echo().await;
    let rig = Rig::start().await;
    let mut config = rig.config(&[&echo]);
    let rule = |priority, path: &str, action| Rule {
        priority,
        conditions: vec![Condition::PathPattern(vec![path.into()])],
        action,
    };
    let redirect = Redirect {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        permanent: true,
    };
    let fixed = FixedResponse {
        status: 200,
        content_type: Some("text/plain".into()),
        body: Some("Hello world".into()),
    };
    config.load_balancers[0].listeners[0].rules = vec![
        rule(5, "/fixed", Action::FixedResponse(fixed)),
        rule(9, "/x*", Action::Redirect(redirect)),
    ];
    rig.apply(&config).await;
    let answer = raw::exchange(rig.address(), GET).await;
    assert!(answer.starts_with("HTTP/1.1 301 Moved Permanently\r\n"), "{answer}");
    assert!(answer.contains("Location: https://Shop.example:443/x?q=1\r\n"), "{answer}");
    let record = rig.record().await;
    assert_eq!(record.rule_priority, Some(9));
    assert_eq!(record.redirect_url.as_deref(), Some("https://Shop.example:443/x?q=1"));
    let answer = raw::exchange(rig.address(), &GET.replace("/x?q=1", "/fixed")).await;
    assert!(answer.contains("Content-Type: text/plain\r\n"), "{answer}");
    assert_eq!(raw::body(&answer), "Hello world");
    let answer = raw::exchange(rig.address(), &GET.replace("/x?q=1", "/other")).await;
    assert!(raw::body(&answer).starts_with("GET /other "), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_configurations_change() {
    let backends = [target::named("a").await, target::named("b").await, target::named("c").await];
    let rig = Arc::new(Rig::start().await);
    rig.forward_to(&[&backends[0], &backends[1]]).await;
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (rig, stop, served) = (rig.clone(), stop.clone(), served.clone());
            tokio::spawn(async move {
                let mut tcp = TcpStream::connect(rig.address()).await.unwrap();
                while !stop.load(Ordering::SeqCst) {
                    tcp.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
                    let answer = raw::read_one(&mut tcp).await;
                    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
                    served.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for round in 0..60 {
        let pair = [&backends[round % 3], &backends[(round + 1) % 3]];
        let mut config = rig.config(&pair);
        // The third leaves as a deregistered target does: draining first.
        let leaving = &backends[(round + 2) % 3];
        let until = rig.clock.now().plus_secs(60);
        config.target_groups[0].targets.push(neargate_lb::config::Target {
            address: leaving.address,
            state: TargetState::Draining { until },
        });
        rig.apply(&config).await;
        let goal = served.load(Ordering::SeqCst) + 20;
        while served.load(Ordering::SeqCst) < goal {
            assert!(clients.iter().all(|c| !c.is_finished()), "a client failed");
            tokio::task::yield_now().await;
        }
    }
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
}

/// A target that answers when it is told to.
async fn held()
-> (target::Backend, Arc<tokio::sync::Notify>, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let release = Arc::new(tokio::sync::Notify::new());
    let (asked, was_asked) = tokio::sync::mpsc::unbounded_channel();
    let released = release.clone();
    let backend = target::serving(move |mut tcp, _| {
        let (released, asked) = (released.clone(), asked.clone());
        async move {
            raw::read_head(&mut tcp).await;
            asked.send(()).unwrap();
            released.notified().await;
            target::answer(&mut tcp, "late").await;
        }
    })
    .await;
    (backend, release, was_asked)
}

#[tokio::test]
async fn a_draining_target_finishes_what_it_has_and_gets_nothing_new() {
    let (slow, release, mut was_asked) = held().await;
    let other = target::named("other").await;
    let rig = Rig::start().await;
    rig.forward_to(&[&slow]).await;
    let address = rig.address();
    let pending = tokio::spawn(async move { raw::exchange(address, GET).await });
    was_asked.recv().await.unwrap();
    assert_eq!(rig.balancer.in_flight(GROUP, slow.address), 1);
    let mut config = rig.config(&[&slow, &other]);
    let until = rig.clock.now().plus_secs(300);
    config.target_groups[0].targets[0].state = TargetState::Draining { until };
    rig.apply(&config).await;
    for _ in 0..3 {
        assert_eq!(raw::body(&raw::exchange(rig.address(), GET).await), "other");
    }
    release.notify_one();
    assert_eq!(raw::body(&pending.await.unwrap()), "late");
    let drained = rig.drained().await;
    assert_eq!((drained.target, drained.cut), (slow.address, 0));
}

#[tokio::test]
async fn an_idle_target_is_drained_at_once_and_a_slow_one_is_cut_at_the_delay() {
    let (slow, _release, mut was_asked) = held().await;
    let idle = target::named("idle").await;
    let rig = Rig::start().await;
    rig.forward_to(&[&slow]).await;
    let address = rig.address();
    let pending = tokio::spawn(async move { raw::exchange(address, GET).await });
    was_asked.recv().await.unwrap();
    let mut config = rig.config(&[&slow, &idle]);
    let until = rig.clock.now().plus_secs(300);
    config.target_groups[0].targets[0].state = TargetState::Draining { until };
    config.target_groups[0].targets[1].state = TargetState::Draining { until };
    rig.apply(&config).await;
    let drained = rig.drained().await;
    assert_eq!((drained.target, drained.cut), (idle.address, 0));
    rig.clock.advance_millis(300_000);
    let drained = rig.drained().await;
    assert_eq!((drained.target, drained.cut), (slow.address, 1));
    assert!(pending.await.unwrap().starts_with("HTTP/1.1 502 Bad Gateway"));
    // Registered again, it serves again.
    rig.forward_to(&[&idle]).await;
    assert_eq!(raw::body(&raw::exchange(rig.address(), GET).await), "idle");
}

#[tokio::test]
async fn a_group_that_nobody_uses_drains_at_once() {
    let idle = target::named("idle").await;
    let rig = Rig::start().await;
    let mut config = rig.config(&[]);
    let mut unused = rig.config(&[&idle]).target_groups.remove(0);
    unused.arn = "arn:unused".into();
    unused.targets[0].state = TargetState::Draining { until: Timestamp(i64::MAX) };
    config.target_groups.push(unused);
    rig.apply(&config).await;
    let drained = rig.drained().await;
    assert_eq!((&*drained.target_group, drained.cut), ("arn:unused", 0));
}

#[tokio::test]
async fn a_target_that_is_removed_is_cut_off() {
    let (slow, _release, mut was_asked) = held().await;
    let rig = Rig::start().await;
    rig.forward_to(&[&slow]).await;
    let address = rig.address();
    let pending = tokio::spawn(async move { raw::exchange(address, GET).await });
    was_asked.recv().await.unwrap();
    rig.forward_to(&[]).await;
    assert!(pending.await.unwrap().starts_with("HTTP/1.1 502 Bad Gateway"));
}

#[tokio::test]
async fn all_unhealthy_fails_open() {
    let named = target::named("open").await;
    let rig = Rig::start().await;
    let mut config = rig.config(&[&named]);
    config.target_groups[0].targets[0].state = TargetState::Unhealthy;
    rig.apply(&config).await;
    assert_eq!(raw::body(&raw::exchange(rig.address(), GET).await), "open");
    assert!(rig.record().await.fail_open);
    config.target_groups[0].targets[0].state = TargetState::Initial;
    rig.apply(&config).await;
    assert!(raw::exchange(rig.address(), GET).await.starts_with("HTTP/1.1 503"));
}

#[tokio::test]
async fn a_deleted_listener_lets_go_of_its_address() {
    let named = target::named("a").await;
    let rig = Rig::start().await;
    rig.forward_to(&[&named]).await;
    let mut idle = TcpStream::connect(rig.address()).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    raw::read_one(&mut idle).await;
    let mut config = rig.config(&[&named]);
    config.load_balancers[0].listeners.clear();
    rig.balancer.apply(&config);
    assert_eq!(raw::read_to_end(&mut idle).await, "");
    // Free again as soon as the accepting task has seen it.
    while tokio::net::TcpListener::bind(rig.address()).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_target_that_becomes_healthy_starts_slowly() {
    let (warm, cold) = (target::named("warm").await, target::named("cold").await);
    let rig = Rig::start().await;
    let mut config = rig.config(&[&warm, &cold]);
    config.target_groups[0].slow_start_secs = 900;
    config.target_groups[0].targets[1].state = TargetState::Initial;
    rig.apply(&config).await;
    config.target_groups[0].targets[1].state = TargetState::Healthy;
    rig.apply(&config).await;
    let cold_share = async || {
        let mut share = 0;
        for _ in 0..20 {
            let answer = raw::exchange(rig.address(), GET).await;
            share += usize::from(raw::body(&answer) == "cold");
        }
        share
    };
    // A thousandth of a share at first.
    assert!(cold_share().await <= 2);
    rig.clock.advance_millis(900_000);
    assert_eq!(cold_share().await, 10);
}
