//! The life of a target in the store, without a balancer.

use neargate_ids::Timestamp;
use neargate_store::{Store, StoreError};

use super::*;
use crate::Tags;
use crate::elbv2::{HealthCheck, Listener, load_balancers_of};
use neargate_api_types::elbv2::Action;
use neargate_wire::Stored;

const GROUP: &str = "arn:aws:elasticloadbalancing:us-west-2:0:targetgroup/g/1";
const BALANCER: &str = "arn:aws:elasticloadbalancing:us-west-2:0:loadbalancer/app/a/1";

fn group() -> TargetGroup {
    TargetGroup {
        region: "us-west-2".into(),
        arn: GROUP.into(),
        name: "g".into(),
        protocol: "HTTP".into(),
        protocol_version: "HTTP1".into(),
        port: 80,
        vpc_id: "vpc-1".into(),
        health_check: HealthCheck {
            protocol: "HTTP".into(),
            port: "traffic-port".into(),
            path: "/".into(),
            interval_secs: 30,
            timeout_secs: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            matcher: "200".into(),
        },
        attributes: Tags::from([("deregistration_delay.timeout_seconds".into(), "7".into())]),
        tags: Tags::new(),
    }
}

fn listener() -> Listener {
    let forward = Action {
        r#type: "forward".into(),
        target_group_arn: Some(GROUP.into()),
        ..Action::default()
    };
    Listener {
        arn: "arn:aws:elasticloadbalancing:us-west-2:0:listener/app/a/1/2".into(),
        load_balancer_arn: BALANCER.into(),
        port: 80,
        protocol: "HTTP".into(),
        ssl_policy: None,
        certificate_arn: None,
        extra_certificate_arns: Vec::new(),
        mutual_authentication: None,
        actions: vec![Stored(forward)],
        default_rule_arn: "arn:aws:elasticloadbalancing:us-west-2:0:listener-rule/app/a/1/2/3"
            .into(),
        default_rule_tags: Tags::new(),
        attributes: Tags::new(),
        tags: Tags::new(),
    }
}

async fn write<T: Send + 'static>(
    store: &Store,
    f: impl FnOnce(&mut Tx) -> T + Send + 'static,
) -> T {
    store.write::<T, StoreError>(move |tx| Ok(f(tx))).await.unwrap()
}

fn states(store: &Store) -> Vec<(String, TargetState, Option<i64>)> {
    let snapshot = store.snapshot();
    let shown = targets_of(&snapshot, GROUP)
        .map(|t| (t.ip.clone(), t.state, t.drains_until.map(Timestamp::secs)));
    shown.collect()
}

#[tokio::test]
async fn a_target_is_registered_drains_and_comes_back() {
    let store = Store::in_memory(crate::tables());
    let at = Timestamp::from_secs;
    let missing = write(&store, move |tx| register_target(tx, GROUP, "10.0.0.5", 80, None, at(1)));
    assert_eq!(missing.await, Err(NoTargetGroup(GROUP.into())));

    write(&store, |tx| {
        tx.put(group());
        tx.put(listener());
    })
    .await;
    assert!(load_balancers_of(&store.snapshot(), GROUP).contains(BALANCER));
    for _ in 0..2 {
        write(&store, move |tx| register_target(tx, GROUP, "10.0.0.5", 80, None, at(2)))
            .await
            .unwrap();
    }
    assert_eq!(states(&store), [("10.0.0.5".into(), TargetState::Initial, None)]);

    for now in [10, 12] {
        assert!(
            write(&store, move |tx| deregister_target(tx, GROUP, "10.0.0.5", 80, at(now))).await
        );
    }
    assert_eq!(states(&store), [("10.0.0.5".into(), TargetState::Draining, Some(17))]);

    write(&store, move |tx| register_target(tx, GROUP, "10.0.0.5", 80, None, at(13)))
        .await
        .unwrap();
    assert_eq!(states(&store), [("10.0.0.5".into(), TargetState::Initial, None)]);
    assert!(!write(&store, move |tx| deregister_target(tx, GROUP, "10.0.0.6", 80, at(14))).await);
}

#[tokio::test]
async fn an_unused_target_goes_at_once() {
    let store = Store::in_memory(crate::tables());
    let at = Timestamp::from_secs;
    write(&store, |tx| tx.put(group())).await;
    assert!(!is_in_use(&store.snapshot(), GROUP));
    write(&store, move |tx| register_target(tx, GROUP, "10.0.0.5", 80, None, at(1))).await.unwrap();
    assert_eq!(states(&store), [("10.0.0.5".into(), TargetState::Unused, None)]);
    assert!(write(&store, move |tx| deregister_target(tx, GROUP, "10.0.0.5", 80, at(2))).await);
    assert_eq!(states(&store), []);
}
