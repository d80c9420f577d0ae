//! Choices by example: who gets how many of a number of requests.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use tokio::sync::Notify;

use super::*;
use crate::config;

const HEALTHY: TargetState = TargetState::Healthy;
const UNHEALTHY: TargetState = TargetState::Unhealthy;
const INITIAL: TargetState = TargetState::Initial;
const DRAINING: TargetState = TargetState::Draining { until: Timestamp(0) };

fn group(states: &[TargetState], change: impl FnOnce(&mut TargetGroup)) -> Group {
    let mut config = TargetGroup::new("arn:group");
    for (i, &state) in states.iter().enumerate() {
        let address = SocketAddr::from(([10, 0, 0, i as u8 + 1], 80));
        config.targets.push(config::Target { address, state });
    }
    change(&mut config);
    let idle = Arc::new(Notify::new());
    let targets: Vec<Arc<Target>> = config
        .targets
        .iter()
        .map(|t| {
            Arc::new(Target::new("app/a/1".into(), config.arn.clone(), t.address, idle.clone()))
        })
        .collect();
    Group::new(config, &targets, Arc::default())
}

fn shares(group: &Group, requests: usize, now: Timestamp) -> String {
    let rng = Rng::seeded(1);
    let mut counts = BTreeMap::new();
    for _ in 0..requests {
        match group.choose(&rng, now) {
            Some(lease) => *counts.entry(lease.target().address.to_string()).or_default() += 1,
            None => *counts.entry("none".to_owned()).or_insert(0) += 1,
        }
    }
    let counts: Vec<String> = counts.iter().map(|(k, v)| format!("{k}={v}")).collect();
    format!("{}{}", counts.join(" "), if group.fail_open { " fail-open" } else { "" })
}

fn check(group: &Group, expected: Expect) {
    expected.assert_eq(&shares(group, 1000, Timestamp(0)));
}

#[test]
fn states() {
    check(
        &group(&[HEALTHY, UNHEALTHY, INITIAL, DRAINING, HEALTHY], |_| {}),
        expect!["10.0.0.1:80=500 10.0.0.5:80=500"],
    );
    check(
        &group(&[UNHEALTHY, UNHEALTHY, INITIAL, DRAINING], |_| {}),
        expect!["10.0.0.1:80=500 10.0.0.2:80=500 fail-open"],
    );
    check(&group(&[INITIAL, DRAINING], |_| {}), expect!["none=1000"]);
    check(&group(&[], |_| {}), expect!["none=1000"]);
}

#[test]
fn minimum_healthy_targets() {
    let count = |states: &[TargetState], n| group(states, |g| g.minimum_healthy_count = n);
    check(&count(&[HEALTHY, UNHEALTHY], 2), expect!["10.0.0.1:80=500 10.0.0.2:80=500 fail-open"]);
    let percent =
        |states: &[TargetState], p| group(states, |g| g.minimum_healthy_percent = Some(p));
    check(&percent(&[HEALTHY, UNHEALTHY], 50), expect!["10.0.0.1:80=1000"]);
    check(
        &percent(&[HEALTHY, UNHEALTHY], 51),
        expect!["10.0.0.1:80=500 10.0.0.2:80=500 fail-open"],
    );
}

#[test]
fn least_outstanding_prefers_the_idle() {
    let group = group(&[HEALTHY, HEALTHY, HEALTHY], |g| {
        g.algorithm = Algorithm::LeastOutstandingRequests;
    });
    let rng = Rng::seeded(1);
    let held: Vec<Lease> = (0..5).map(|_| group.choose(&rng, Timestamp(0)).unwrap()).collect();
    let mut busy: Vec<usize> = group.eligible.iter().map(|t| t.in_flight()).collect();
    busy.sort_unstable();
    assert_eq!(busy, [1, 2, 2]);
    drop(held);
    assert!(group.eligible.iter().all(|t| t.in_flight() == 0));
}

#[test]
fn random_is_about_even() {
    check(
        &group(&[HEALTHY, HEALTHY], |g| g.algorithm = Algorithm::WeightedRandom),
        expect!["10.0.0.1:80=493 10.0.0.2:80=507"],
    );
}

#[test]
fn slow_start_grows_linearly() {
    let group = group(&[HEALTHY, HEALTHY], |g| g.slow_start_secs = 30);
    group.eligible[1].set_slow_start(Some(Timestamp(0)));
    let cold = |at| {
        let shares = shares(&group, 1000, Timestamp(at));
        let (_, cold) = shares.split_once("10.0.0.2:80=").unwrap_or(("", "0"));
        cold.parse::<u32>().unwrap()
    };
    let (first, middle, last) = (cold(1_000), cold(15_000), cold(30_000));
    // A share f against a full share is f / (1 + f): 3%, 33% and half.
    assert!(first < 80, "{first}");
    assert!((250..420).contains(&middle), "{middle}");
    assert_eq!(last, 500);
}

#[test]
fn a_draining_target_gives_no_lease() {
    let group = group(&[HEALTHY, HEALTHY], |_| {});
    group.eligible[0].set_draining(true);
    check(&group, expect!["10.0.0.2:80=1000"]);
    assert!(group.stick(group.eligible[0].address).is_none());
    assert!(group.stick(group.eligible[1].address).is_some());
}
