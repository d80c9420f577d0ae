//! VPCs, instances and interfaces are apart from each other.

use crate::stage::*;
use crate::*;

#[test]
fn two_vpcs_with_the_same_cidr_do_not_see_each_other() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.set_security_group("sg-open", open()).await.unwrap();
        for vpc_id in ["vpc-1", "vpc-2"] {
            net.ensure_vpc(vpc(vpc_id)).await.unwrap();
            let client = format!("{vpc_id}-client");
            net.attach_eni(eni(vpc_id, &client, "10.0.1.4", &["sg-open"])).await.unwrap();
        }
        let one = net.attach_eni(eni("vpc-1", "vpc-1-server", "10.0.1.5", &["sg-open"])).await;
        let server = serve(&one.unwrap().namespace, at("10.0.1.5", 80));
        assert_eq!(must_connect(&net, "vpc-1-client", server).await.1, "10.0.1.4");
        // Nobody has the address in the other VPC, though it routes there.
        let elsewhere = net.connect_from("vpc-2-client", server);
        assert!(
            tokio::time::timeout(std::time::Duration::from_millis(400), elsewhere).await.is_err()
        );
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn two_instances_on_one_host_do_not_collide() {
    on_stage(|stage| async {
        let (stage, internet) = stage.with_internet().await;
        let (a, b) = (stage.net("a"), stage.net("b"));
        for net in [&a, &b] {
            net.set_security_group("sg-open", open()).await.unwrap();
            net.ensure_vpc(vpc("vpc-1")).await.unwrap();
            let mut spec = eni("vpc-1", "eni-1", "10.0.1.4", &["sg-open"]);
            spec.egress = Egress::Internet;
            net.attach_eni(spec).await.unwrap();
        }
        must_connect(&a, "eni-1", internet).await;
        a.destroy_all().await.unwrap();
        must_connect(&b, "eni-1", internet).await;
        b.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn an_interface_cannot_speak_with_anothers_address() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.set_security_group(
            "sg-in",
            vec![Rule::ingress(Protocol::All, Peer::Cidrs(vec!["10.0.1.9/32".parse().unwrap()]))],
        )
        .await
        .unwrap();
        net.set_security_group("sg-out", vec![Rule::egress_to_anywhere()]).await.unwrap();
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-friend", "10.0.1.9", &["sg-out"])).await.unwrap();
        let thief =
            net.attach_eni(eni("vpc-1", "eni-thief", "10.0.1.4", &["sg-out"])).await.unwrap();
        let server =
            net.attach_eni(eni("vpc-1", "eni-server", "10.0.1.5", &["sg-in"])).await.unwrap();
        let socket = server.namespace.udp(at("10.0.1.5", 9)).unwrap();

        let netlink = netlink::Netlink::inside(&thief.namespace).unwrap();
        let eth0 = netlink.index("eth0").await.unwrap().unwrap();
        netlink.add_address(eth0, "10.0.1.9/32".parse().unwrap()).await.unwrap();
        let lie = thief.namespace.udp(at("10.0.1.9", 0)).unwrap();
        lie.send_to(b"lie", at("10.0.1.5", 9)).unwrap();
        let truth = net.udp_in(Place::Eni("eni-friend"), at("10.0.1.9", 0)).unwrap();
        truth.send_to(b"truth", at("10.0.1.5", 9)).unwrap();

        let socket = tokio::net::UdpSocket::from_std(socket).unwrap();
        let mut buffer = [0; 16];
        let length = socket.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"truth");
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn a_container_may_bind_low_ports_and_has_no_ipv6() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        let task = net.attach_eni(eni("vpc-1", "eni-1", "10.0.1.4", &[])).await.unwrap();
        let setting = |name: &str| {
            let path = format!("/proc/sys/net/{name}");
            let text = task.namespace.enter(|| std::fs::read_to_string(path)).unwrap();
            text.unwrap().trim().replace('\t', " ")
        };
        assert_eq!(setting("ipv4/ip_unprivileged_port_start"), "0");
        assert_eq!(setting("ipv4/ping_group_range"), "0 2147483647");
        assert_eq!(setting("ipv6/conf/all/disable_ipv6"), "1");
        let lo = task.namespace.listen(at("127.0.0.1", 80)).unwrap();
        net.connect_from("eni-1", lo.local_addr().unwrap()).await.unwrap();
        net.destroy_all().await.unwrap();
        stage
    });
}
