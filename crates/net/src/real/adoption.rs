//! A daemon that dies leaves the network running; the next one adopts it.

use std::collections::BTreeSet;

use crate::stage::*;
use crate::*;

fn world() -> World {
    World {
        vpcs: vec![vpc("vpc-1")],
        security_groups: vec![("sg-open".into(), open()), ("sg-none".into(), vec![])],
        enis: vec![
            eni("vpc-1", "eni-1", "10.0.1.4", &["sg-open"]),
            EniSpec { egress: Egress::Internet, ..eni("vpc-1", "eni-2", "10.0.1.5", &["sg-open"]) },
        ],
    }
}

fn ids(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn connections_live_through_a_restart_and_rules_apply_again() {
    on_stage(|stage| async {
        let (stage, internet) = stage.with_internet().await;
        let net = stage.net("a");
        let attached = net.restore(world()).await.unwrap();
        let server = serve(&attached[1].namespace, at("10.0.1.5", 80));
        let (mut inside, _) = must_connect(&net, "eni-1", server).await;
        let (mut outside, _) = must_connect(&net, "eni-2", internet).await;
        let first_mac = attached[0].mac;
        drop(net);
        must_echo(&mut inside).await;

        let net = stage.net("a");
        let attached = net.restore(world()).await.unwrap();
        assert_eq!(attached[0].mac, first_mac);
        must_echo(&mut inside).await;
        must_echo(&mut outside).await;
        must_connect(&net, "eni-1", server).await;
        must_connect(&net, "eni-2", internet).await;
        assert_eq!(seen_as(&net, "eni-1", internet).await, None);
        net.set_eni_groups("eni-2", vec!["sg-none".into()]).await.unwrap();
        assert_eq!(seen_as(&net, "eni-1", server).await, None);
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn what_nobody_knows_is_told_and_can_be_removed() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.restore(world()).await.unwrap();
        drop(net);

        let net = stage.net("a");
        let orphans = net.orphans(&ids(&[]), &ids(&["eni-2"])).unwrap();
        let expected = Orphans { vpcs: vec!["vpc-1".into()], enis: vec!["eni-1".into()] };
        assert_eq!(orphans, expected);
        net.detach_eni("eni-1").await.unwrap();
        net.detach_eni("eni-2").await.unwrap();
        net.delete_vpc("vpc-1").await.unwrap();
        net.quiesce().await;
        assert_eq!(net.orphans(&ids(&[]), &ids(&[])).unwrap(), Orphans::default());
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn pins_without_a_namespace_behind_them_are_made_anew() {
    on_stage(|stage| async {
        let dir = stage.dir.path().join("a");
        for pin in ["vpc/vpc-1", "eni/eni-1"] {
            std::fs::create_dir_all(dir.join(pin).parent().unwrap()).unwrap();
            std::fs::write(dir.join(pin), "").unwrap();
        }
        let net = stage.net("a");
        let attached = net.restore(world()).await.unwrap();
        let server = serve(&attached[1].namespace, at("10.0.1.5", 80));
        must_connect(&net, "eni-1", server).await;
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn an_interface_and_an_address_can_be_had_again_at_once() {
    on_stage(|stage| async {
        let net = stage.net("a");
        let attached = net.restore(world()).await.unwrap();
        let server = serve(&attached[1].namespace, at("10.0.1.5", 80));
        for round in 0..5 {
            net.detach_eni("eni-1").await.unwrap();
            let same = eni("vpc-1", "eni-1", "10.0.1.4", &["sg-open"]);
            net.attach_eni(same).await.unwrap();
            must_connect(&net, "eni-1", server).await;
            net.detach_eni("eni-1").await.unwrap();
            let other = format!("eni-other-{round}");
            net.attach_eni(eni("vpc-1", &other, "10.0.1.4", &["sg-open"])).await.unwrap();
            must_connect(&net, &other, server).await;
            net.detach_eni(&other).await.unwrap();
            net.attach_eni(eni("vpc-1", "eni-1", "10.0.1.4", &["sg-open"])).await.unwrap();
        }
        // Another address for the same interface.
        net.attach_eni(eni("vpc-1", "eni-1", "10.0.1.40", &["sg-open"])).await.unwrap();
        assert_eq!(must_connect(&net, "eni-1", server).await.1, "10.0.1.40");
        net.destroy_all().await.unwrap();
        stage
    });
}
