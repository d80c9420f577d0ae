//! Security groups on real connections.

use crate::stage::*;
use crate::*;

fn from_group(port: u16, group: &str) -> Rule {
    Rule::ingress(Protocol::Tcp(Ports::one(port)), Peer::Group(group.into()))
}

#[test]
fn a_reference_to_a_group_lets_only_its_members_in() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.set_security_group("sg-app", vec![Rule::egress_to_anywhere()]).await.unwrap();
        net.set_security_group("sg-other", vec![Rule::egress_to_anywhere()]).await.unwrap();
        net.set_security_group("sg-db", vec![from_group(5432, "sg-app")]).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-app", "10.0.1.4", &["sg-app"])).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-other", "10.0.1.5", &["sg-other"])).await.unwrap();
        let db = net.attach_eni(eni("vpc-1", "eni-db", "10.0.2.4", &["sg-db"])).await.unwrap();
        let allowed = serve(&db.namespace, at("10.0.2.4", 5432));
        let closed = serve(&db.namespace, at("10.0.2.4", 5433));

        assert_eq!(must_connect(&net, "eni-app", allowed).await.1, "10.0.1.4");
        assert_eq!(seen_as(&net, "eni-app", closed).await, None);
        assert_eq!(seen_as(&net, "eni-other", allowed).await, None);

        net.set_eni_groups("eni-other", vec!["sg-other".into(), "sg-app".into()]).await.unwrap();
        must_connect(&net, "eni-other", allowed).await;
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn egress_rules_bind_the_sender_and_unknown_groups_allow_nothing() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.set_security_group("sg-in", open()).await.unwrap();
        let to_80 = Rule::egress(Protocol::Tcp(Ports::one(80)), Peer::Group("sg-in".into()));
        net.set_security_group("sg-80", vec![to_80]).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-80", "10.0.1.4", &["sg-80"])).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-none", "10.0.1.5", &["sg-unknown"])).await.unwrap();
        let server = net.attach_eni(eni("vpc-1", "eni-s", "10.0.1.6", &["sg-in"])).await.unwrap();
        let (http, other) = (
            serve(&server.namespace, at("10.0.1.6", 80)),
            serve(&server.namespace, at("10.0.1.6", 81)),
        );

        must_connect(&net, "eni-80", http).await;
        assert_eq!(seen_as(&net, "eni-80", other).await, None);
        assert_eq!(seen_as(&net, "eni-none", http).await, None);
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn a_revoked_rule_stops_new_connections_and_keeps_open_ones() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.set_security_group("sg-app", vec![Rule::egress_to_anywhere()]).await.unwrap();
        net.set_security_group("sg-db", vec![from_group(5432, "sg-app")]).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-app", "10.0.1.4", &["sg-app"])).await.unwrap();
        let db = net.attach_eni(eni("vpc-1", "eni-db", "10.0.2.4", &["sg-db"])).await.unwrap();
        let server = serve(&db.namespace, at("10.0.2.4", 5432));

        let (mut before, _) = must_connect(&net, "eni-app", server).await;
        net.set_security_group("sg-db", vec![]).await.unwrap();
        assert_eq!(seen_as(&net, "eni-app", server).await, None);
        must_echo(&mut before).await;
        net.set_security_group("sg-db", vec![from_group(5432, "sg-app")]).await.unwrap();
        must_connect(&net, "eni-app", server).await;
        must_echo(&mut before).await;
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn the_routers_endpoints_see_who_asks_and_need_no_group() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-1", "10.0.1.4", &[])).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-2", "10.0.1.5", &[])).await.unwrap();
        let router = net.namespace(Place::Router("vpc-1")).unwrap();
        let metadata = serve(&router, (METADATA, 80).into());
        assert_eq!(must_connect(&net, "eni-1", metadata).await.1, "10.0.1.4");
        assert_eq!(must_connect(&net, "eni-2", metadata).await.1, "10.0.1.5");
        net.destroy_all().await.unwrap();
        stage
    });
}
