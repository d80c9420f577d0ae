//! Stickiness and weights.

use std::collections::BTreeMap;

use neargate_lb::config::{
    Action, Forward, Stickiness, Target, TargetGroup, TargetState, WeightedGroup,
};

use crate::rig::{GROUP, Rig, raw, target};

async fn get(rig: &Rig, cookie: &str) -> String {
    let request =
        format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
    raw::exchange(rig.address(), &request).await
}

/// The `name=value` of the cookie that an answer sets.
fn cookie(answer: &str, name: &str) -> Option<String> {
    let start = format!("set-cookie: {name}=").to_ascii_lowercase();
    let line = answer.lines().find(|l| l.to_ascii_lowercase().starts_with(&start))?;
    Some(line["set-cookie: ".len()..].split(';').next().unwrap().to_owned())
}

#[tokio::test]
async fn the_load_balancers_cookie_binds_to_a_target() {
    let (a, b) = (target::named("a").await, target::named("b").await);
    let rig = Rig::start().await;
    let mut config = rig.config(&[&a, &b]);
    config.target_groups[0].stickiness = Some(Stickiness::LbCookie { duration_secs: 60 });
    rig.apply(&config).await;
    let first = get(&rig, "x=y").await;
    let bound = cookie(&first, "AWSALB").unwrap();
    assert!(cookie(&first, "AWSALBCORS").is_some());
    assert!(first.contains("; Path=/; SameSite=None\r\n"), "{first}");
    assert!(rig.record().await.non_sticky);
    for _ in 0..6 {
        let answer = get(&rig, &format!("x=y; {bound}")).await;
        assert_eq!(raw::body(&answer), raw::body(&first));
        assert!(!rig.record().await.non_sticky);
    }
    // Its target is unhealthy now: another is chosen and the cookie renewed.
    let gone = if raw::body(&first) == "a" { 0 } else { 1 };
    config.target_groups[0].targets[gone].state = TargetState::Unhealthy;
    rig.apply(&config).await;
    let answer = get(&rig, &bound).await;
    assert_ne!(raw::body(&answer), raw::body(&first));
    assert_ne!(cookie(&answer, "AWSALB").unwrap(), bound);
    // A forged cookie is no cookie.
    assert!(get(&rig, "AWSALB=AAAA").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_application_cookie_binds_when_the_application_sets_it() {
    let serve = |name: &'static str| {
        target::serving(move |mut tcp, _| async move {
            use tokio::io::AsyncWriteExt;
            let request = raw::read_head(&mut tcp).await;
            let set = if request.contains("session=") { "" } else { "Set-Cookie: session=1\r\n" };
            let answer = format!(
                "HTTP/1.1 200 OK\r\n{set}Content-Length: 1\r\nConnection: close\r\n\r\n{name}"
            );
            let _ = tcp.write_all(answer.as_bytes()).await;
        })
    };
    let (a, b) = (serve("a").await, serve("b").await);
    let rig = Rig::start().await;
    let mut config = rig.config(&[&a, &b]);
    config.target_groups[0].stickiness =
        Some(Stickiness::AppCookie { name: "session".into(), duration_secs: 60 });
    rig.apply(&config).await;
    let first = get(&rig, "x=y").await;
    let bound = cookie(&first, "AWSALBAPP-0").unwrap();
    for _ in 0..4 {
        let answer = get(&rig, &format!("session=1; {bound}")).await;
        assert_eq!(raw::body(&answer), raw::body(&first));
        assert!(cookie(&answer, "AWSALBAPP-0").is_some(), "the duration begins anew");
    }
    // Without the application's own cookie there is no session.
    let bodies = [get(&rig, &bound).await, get(&rig, &bound).await];
    assert_ne!(raw::body(&bodies[0]), raw::body(&bodies[1]));
}

#[tokio::test]
async fn weights_and_sticky_groups() {
    let (blue, green) = (target::named("blue").await, target::named("green").await);
    let rig = Rig::start().await;
    let mut config = rig.config(&[&blue]);
    let mut other = TargetGroup::new("arn:green");
    other.targets = vec![Target { address: green.address, state: TargetState::Healthy }];
    config.target_groups.push(other);
    let weighted = |blue, green, stickiness_secs| {
        let group = |arn: &str, weight| WeightedGroup { arn: arn.into(), weight };
        let target_groups = vec![group(GROUP, blue), group("arn:green", green)];
        Action::Forward(Forward { target_groups, stickiness_secs })
    };
    let listener = |config: &mut neargate_lb::Config, action| {
        config.load_balancers[0].listeners[0].default_action = action;
    };
    listener(&mut config, weighted(90, 10, None));
    rig.apply(&config).await;
    let mut counts = BTreeMap::new();
    for _ in 0..200 {
        *counts.entry(raw::body(&get(&rig, "x=y").await).to_owned()).or_insert(0) += 1;
    }
    let green_share = counts.get("green").copied().unwrap_or(0);
    assert!((5..45).contains(&green_share), "{counts:?}");

    listener(&mut config, weighted(0, 1, Some(60)));
    rig.apply(&config).await;
    let answer = get(&rig, "x=y").await;
    assert_eq!(raw::body(&answer), "green");
    let bound = cookie(&answer, "AWSALBTG").unwrap();
    assert!(cookie(&answer, "AWSALBTGCORS").is_some());
    listener(&mut config, weighted(1, 0, Some(60)));
    rig.apply(&config).await;
    assert_eq!(raw::body(&get(&rig, &bound).await), "green");
    assert_eq!(raw::body(&get(&rig, "x=y").await), "blue");
    listener(&mut config, weighted(0, 0, None));
    rig.apply(&config).await;
    assert!(get(&rig, "x=y").await.starts_with("HTTP/1.1 503"));
}
