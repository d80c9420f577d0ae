//! One address for several load balancers, and addresses that are taken.

use neargate_lb::config::{Action, FixedResponse};

use crate::rig::{Rig, free_address, raw};

fn says(text: &str) -> Action {
    Action::FixedResponse(FixedResponse {
        status: 200,
        content_type: None,
        body: Some(text.into()),
    })
}

fn get(host: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn the_host_chooses_the_load_balancer() {
    let rig = Rig::start().await;
    let shared = free_address().await;
    let mut config = rig.config(&[]);
    let mut second = config.load_balancers[0].clone();
    config.load_balancers[0].listeners[0].default_action = says("one");
    config.load_balancers[0].listeners[0].binds = vec![shared];
    config.load_balancers[0].dns_name = "one-1.us-west-2.elb.localhost".into();
    rig.apply(&config).await;
    // Alone, it answers to whatever name.
    assert_eq!(raw::body(&raw::exchange(shared, &get("api.example")).await), "one");

    second.id = "app/second/2".into();
    second.dns_name = "Two-2.us-west-2.elb.localhost".into();
    second.listeners[0].arn = "arn:second".into();
    second.listeners[0].default_action = says("two");
    second.listeners[0].binds.push(shared);
    config.load_balancers.push(second);
    rig.apply(&config).await;
    rig.bound().await;
    let at = |host: &'static str| async move { raw::exchange(shared, &get(host)).await };
    assert_eq!(raw::body(&at("one-1.us-west-2.elb.localhost:8080").await), "one");
    assert_eq!(raw::body(&at("TWO-2.us-west-2.elb.localhost").await), "two");
    let lost = at("api.example").await;
    assert!(lost.starts_with("HTTP/1.1 404"), "{lost}");
    assert!(lost.contains("one-1.us-west-2.elb.localhost\r\n"), "{lost}");
    // Its own address needs no name.
    assert_eq!(raw::body(&raw::exchange(rig.address(), &get("api.example")).await), "two");
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_and_tried_again() {
    let rig = Rig::start().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let mut config = rig.config(&[]);
    config.load_balancers[0].listeners[0].default_action = says("here");
    config.load_balancers[0].listeners[0].binds.push(address);
    assert!(rig.balancer.apply(&config).is_empty());
    let mut reports = [rig.bound().await, rig.bound().await];
    reports.sort_by_key(|r| r.address != rig.address());
    assert_eq!(reports[0].outcome, Ok(()));
    assert_eq!(reports[1].address, address);
    let why = reports[1].outcome.clone().unwrap_err();
    assert!(why.contains("is held by"), "{why}");
    assert!(why.contains(&format!("(pid {})", std::process::id())), "{why}");
    assert_eq!(raw::body(&raw::exchange(rig.address(), &get("a")).await), "here");
    drop(taken);
    let report = rig.bound().await;
    assert_eq!((report.address, report.outcome), (address, Ok(())));
    assert_eq!(raw::body(&raw::exchange(address, &get("a")).await), "here");
}
