//! The prober against real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use neargate_ids::Clock;
use neargate_lb::health::{HealthState, Observation, Prober, Reason};
use neargate_lb::{Config, Direct};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::Receiver;

use crate::rig::{Rig, raw, target};

/// A target whose health is a number that can be set.
async fn settable(status: Arc<AtomicU16>) -> target::Backend {
    target::serving(move |mut tcp, _| {
        let status = status.clone();
        async move {
            let head = raw::read_head(&mut tcp).await;
            assert!(head.starts_with("GET /health HTTP/1.1\r\n"), "{head}");
            let head = head.to_ascii_lowercase();
            assert!(head.contains("user-agent: elb-healthchecker/2.0\r\n"), "{head}");
            let port = tcp.local_addr().unwrap().port();
            assert!(head.contains(&format!("host: 127.0.0.1:{port}\r\n")), "{head}");
            let status = status.load(Ordering::SeqCst);
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
            let _ = tcp.write_all(answer.as_bytes()).await;
        }
    })
    .await
}

async fn config(backend: &target::Backend) -> Config {
    let rig = Rig::start().await;
    let mut config = rig.config(&[backend]);
    let group = &mut config.target_groups[0];
    group.targets[0].state = neargate_lb::config::TargetState::Initial;
    group.health_check.path = "/health".into();
    group.health_check.interval_secs = 1;
    group.health_check.timeout_secs = 1;
    group.health_check.healthy_threshold = 2;
    config
}

async fn next(observations: &mut Receiver<Observation>) -> (HealthState, Option<Reason>) {
    let observation = observations.recv().await.unwrap();
    (observation.state, observation.reason)
}

#[tokio::test]
async fn a_target_becomes_healthy_then_unhealthy_then_healthy() {
    let status = Arc::new(AtomicU16::new(200));
    let backend = settable(status.clone()).await;
    let config = config(&backend).await;
    let (prober, mut observations) = Prober::new(Arc::new(Direct), Clock::system());
    prober.apply(&config);
    let initial = (HealthState::Initial, Some(Reason::InitialHealthChecking));
    assert_eq!(next(&mut observations).await, initial);
    assert_eq!(next(&mut observations).await, (HealthState::Healthy, None));
    status.store(503, Ordering::SeqCst);
    let mismatch = (HealthState::Unhealthy, Some(Reason::ResponseCodeMismatch(503)));
    assert_eq!(next(&mut observations).await, mismatch);
    status.store(200, Ordering::SeqCst);
    assert_eq!(next(&mut observations).await, (HealthState::Healthy, None));
}

#[tokio::test]
async fn a_late_starter_is_seen_long_before_the_interval() {
    let status = Arc::new(AtomicU16::new(503));
    let backend = settable(status.clone()).await;
    let mut config = config(&backend).await;
    config.target_groups[0].health_check.interval_secs = 300;
    let (prober, mut observations) = Prober::new(Arc::new(Direct), Clock::system());
    prober.apply(&config);
    next(&mut observations).await;
    while backend.connections() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    status.store(200, Ordering::SeqCst);
    assert_eq!(next(&mut observations).await, (HealthState::Healthy, None));
}

#[tokio::test]
async fn reasons() {
    let silent = target::serving(|mut tcp, _| async move {
        raw::read_head(&mut tcp).await;
        std::future::pending::<()>().await;
    })
    .await;
    let mut silent_config = config(&silent).await;
    let (prober, mut observations) = Prober::new(Arc::new(Direct), Clock::system());
    prober.apply(&silent_config);
    next(&mut observations).await;
    let timeout = (HealthState::Unhealthy, Some(Reason::Timeout));
    assert_eq!(next(&mut observations).await, timeout);
    // Other settings act at once: nobody listens on the new port.
    let closed = crate::rig::free_address().await.port();
    silent_config.target_groups[0].health_check.port = Some(closed);
    prober.apply(&silent_config);
    let failed = (HealthState::Unhealthy, Some(Reason::FailedHealthChecks));
    assert_eq!(next(&mut observations).await, failed);
    // A group that no listener uses is not checked.
    silent_config.load_balancers.clear();
    prober.apply(&silent_config);
    drop(prober);
    assert!(observations.recv().await.is_none());
}
