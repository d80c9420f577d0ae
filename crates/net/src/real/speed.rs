//! Numbers to look at, not to hold: `cargo nextest run -p neargate-net
//! --run-ignored only speed --no-capture`.

use std::time::Instant;

use crate::stage::*;
use crate::*;

fn percentiles(name: &str, mut micros: Vec<u128>) {
    micros.sort_unstable();
    let at = |percent: usize| micros[(micros.len() - 1) * percent / 100];
    println!("{name:<44} p50 {:>7} µs  p99 {:>7} µs", at(50), at(99));
}

#[test]
#[ignore = "prints measurements"]
#[allow(clippy::disallowed_methods, reason = "measures real time")]
fn how_long_things_take() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.set_security_group("sg-open", open()).await.unwrap();
        let (mut attach, mut detach, mut change, mut connect) = (vec![], vec![], vec![], vec![]);
        for i in 1..=100 {
            let began = Instant::now();
            let spec = eni("vpc-1", &format!("eni-{i}"), &format!("10.0.1.{i}"), &["sg-open"]);
            net.attach_eni(spec).await.unwrap();
            attach.push(began.elapsed().as_micros());
        }
        percentiles("attach, one after the other", attach);
        for i in 1..=100 {
            let rule = Rule::ingress(Protocol::Tcp(Ports::one(i)), Peer::Group("sg-open".into()));
            let began = Instant::now();
            net.set_security_group("sg-open", vec![rule, Rule::egress_to_anywhere()])
                .await
                .unwrap();
            change.push(began.elapsed().as_micros());
        }
        percentiles("change of a group with 100 interfaces", change);
        net.set_security_group("sg-open", open()).await.unwrap();
        let server = serve(&net.namespace(Place::Eni("eni-1")).unwrap(), at("10.0.1.1", 80));
        let all = Instant::now();
        for _ in 0..3000 {
            let began = Instant::now();
            net.connect_from("eni-2", server).await.unwrap();
            connect.push(began.elapsed().as_micros());
        }
        println!("connect_from: {:.0}/s", 3000.0 / all.elapsed().as_secs_f64());
        percentiles("connect_from, one after the other", connect);
        let namespace = net.namespace(Place::Eni("eni-2")).unwrap();
        let began = Instant::now();
        for _ in 0..10_000 {
            namespace.enter(|| ()).unwrap();
        }
        println!("enter a namespace and return: {:.2} µs", began.elapsed().as_secs_f64() * 100.0);
        for i in 1..=100 {
            let began = Instant::now();
            net.detach_eni(&format!("eni-{i}")).await.unwrap();
            detach.push(began.elapsed().as_micros());
        }
        percentiles("detach until nothing passes", detach);
        let began = Instant::now();
        net.quiesce().await;
        println!("teardown of 100 in the background: {} ms", began.elapsed().as_millis());
        net.destroy_all().await.unwrap();
        stage
    });
}
