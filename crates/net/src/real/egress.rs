//! The way out: only for whom it is meant, only outwards, and past whatever
//! firewall the host has.

use crate::stage::*;
use crate::*;

async fn one_task(net: &Net, egress: Egress) {
    net.ensure_vpc(vpc("vpc-1")).await.unwrap();
    net.set_security_group("sg-open", open()).await.unwrap();
    let spec = EniSpec { egress, ..eni("vpc-1", "eni-1", "10.0.1.4", &["sg-open"]) };
    net.attach_eni(spec).await.unwrap();
}

#[test]
fn the_internet_is_open_to_whom_it_is_open() {
    on_stage(|stage| async {
        let (stage, internet) = stage.with_internet().await;
        let net = stage.net("a");
        one_task(&net, Egress::Internet).await;
        net.attach_eni(eni("vpc-1", "eni-2", "10.0.1.5", &["sg-open"])).await.unwrap();

        assert_eq!(must_connect(&net, "eni-1", internet).await.1, HOST_ON_INTERNET.to_string());
        assert_eq!(seen_as(&net, "eni-2", internet).await, None);
        net.set_eni_egress("eni-1", Egress::None).await.unwrap();
        net.set_eni_egress("eni-2", Egress::Internet).await.unwrap();
        assert_eq!(seen_as(&net, "eni-1", internet).await, None);
        must_connect(&net, "eni-2", internet).await;
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn with_the_last_vpc_the_hosts_rules_go() {
    on_stage(|stage| async {
        let (stage, _) = stage.with_internet().await;
        let net = stage.net("a");
        one_task(&net, Egress::Internet).await;
        net.ensure_vpc(vpc("vpc-2")).await.unwrap();
        assert!(nft(&["list tables"]).contains("table ip neargate-"));
        net.delete_vpc("vpc-2").await.unwrap();
        assert!(nft(&["list tables"]).contains("table ip neargate-"));
        net.detach_eni("eni-1").await.unwrap();
        net.delete_vpc("vpc-1").await.unwrap();
        assert_eq!(nft(&["list tables"]).trim(), "");
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn a_forward_policy_of_drop_does_not_close_the_way_out() {
    on_stage(|stage| async {
        let (stage, internet) = stage.with_internet().await;
        nft(&["add table ip filter"]);
        nft(&[
            "add chain ip filter FORWARD { type filter hook forward priority filter; policy drop; }",
        ]);
        nft(&["add rule ip filter FORWARD counter comment \"another's\""]);
        let net = stage.net("a");
        one_task(&net, Egress::Internet).await;
        must_connect(&net, "eni-1", internet).await;
        // A firewall that is reloaded forgets us; the next attachment helps.
        nft(&["flush chain ip filter FORWARD"]);
        net.set_eni_egress("eni-1", Egress::Internet).await.unwrap();
        must_connect(&net, "eni-1", internet).await;
        nft(&["add rule ip filter FORWARD counter comment \"another's\""]);

        net.destroy_all().await.unwrap();
        assert!(nft(&["list chain ip filter FORWARD"]).contains("another's"));
        stage
    });
}

#[test]
fn the_host_itself_is_closed_to_tasks() {
    on_stage(|stage| async {
        let (stage, internet) = stage.with_internet().await;
        let net = stage.net("a");
        one_task(&net, Egress::Internet).await;
        must_connect(&net, "eni-1", internet).await;

        let on_host = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = serve_on(on_host).port();
        let netlink = netlink::Netlink::here().unwrap();
        let addresses = netlink.addresses(None).await.unwrap();
        assert_eq!(addresses.len(), 3, "loopback, internet, way out: {addresses:?}");
        for ip in addresses.into_iter().filter(|ip| !ip.is_loopback()) {
            assert_eq!(seen_as(&net, "eni-1", (ip, port).into()).await, None, "{ip}");
        }
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn nobody_comes_in_by_the_way_out() {
    on_stage(|stage| async {
        let (stage, internet) = stage.with_internet().await;
        let net = stage.net("a");
        one_task(&net, Egress::Internet).await;
        must_connect(&net, "eni-1", internet).await;
        let task = net.namespace(Place::Eni("eni-1")).unwrap();
        let server = serve(&task, at("10.0.1.4", 80));
        let router = net.namespace(Place::Router("vpc-1")).unwrap();
        serve(&router, (METADATA, 80).into());

        // The host knows the way, and is stopped all the same.
        let uplink = stage.config("a").instance_tag.uplink("vpc-1");
        let netlink = netlink::Netlink::here().unwrap();
        let index = netlink.index(&uplink).await.unwrap().unwrap();
        let router_end = netlink.addresses(Some(index)).await.unwrap()[0].to_bits() + 1;
        netlink.default_route(router_end.into(), index).await.unwrap();
        for to in [server, (METADATA, 80).into()] {
            let attempt = tokio::net::TcpStream::connect(to);
            let patience = std::time::Duration::from_millis(400);
            assert!(tokio::time::timeout(patience, attempt).await.is_err(), "{to}");
        }
        net.destroy_all().await.unwrap();
        stage
    });
}
