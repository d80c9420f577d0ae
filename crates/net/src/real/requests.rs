//! What the caller can ask wrongly, and what it is told.

use crate::stage::*;
use crate::*;

async fn check(net: &Net, spec: EniSpec, expected: &str) {
    assert_eq!(net.attach_eni(spec).await.unwrap_err().to_string(), expected);
}

#[test]
fn wrong_requests_are_refused_by_name_and_harm_nobody() {
    on_stage(|stage| async {
        let net = stage.net("a");
        check(
            &net,
            eni("vpc-1", "eni-1", "10.0.1.4", &[]),
            "VPC vpc-1 is not known to the network",
        )
        .await;
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.attach_eni(eni("vpc-1", "eni-1", "10.0.1.4", &[])).await.unwrap();
        check(
            &net,
            eni("vpc-1", "eni-2", "10.0.1.4", &[]),
            "address 10.0.1.4 in vpc-1 already belongs to eni-1",
        )
        .await;
        check(
            &net,
            eni("vpc-1", "eni-2", "10.0.0.2", &[]),
            "address 10.0.0.2 in vpc-1 already belongs to the VPC's resolver",
        )
        .await;
        check(
            &net,
            eni("vpc-1", "eni-2", "10.1.0.4", &[]),
            "address 10.1.0.4 of eni-2 lies outside the CIDRs of vpc-1",
        )
        .await;
        check(
            &net,
            eni("vpc-1", "../eni", "10.0.1.5", &[]),
            "network interface \"../eni\" is not a name that can be used: a letter, then letters, digits, - and _, 64 in all",
        )
        .await;
        let refused = net.delete_vpc("vpc-1").await.unwrap_err().to_string();
        assert_eq!(refused, "VPC vpc-1 still has interface eni-1");
        let wide = VpcSpec { id: "vpc-2".into(), cidrs: vec!["10.0.0.0/8".parse().unwrap()] };
        let refused = net.ensure_vpc(wide).await.unwrap_err().to_string();
        assert_eq!(
            refused,
            "VPC vpc-2 needs at least one IPv4 CIDR of /16 to /28, and 10.0.0.0/8 is not one"
        );
        net.attach_eni(eni("vpc-1", "eni-2", "10.0.1.5", &[])).await.unwrap();
        net.destroy_all().await.unwrap();
        stage
    });
}

#[test]
fn many_at_once_share_transactions_and_all_are_served() {
    on_stage(|stage| async {
        let net = stage.net("a");
        net.ensure_vpc(vpc("vpc-1")).await.unwrap();
        net.set_security_group("sg-open", open()).await.unwrap();
        let attach = (1..=30).map(|i| {
            let (id, ip) = (format!("eni-{i}"), format!("10.0.1.{i}"));
            let net = net.clone();
            tokio::spawn(async move {
                let attached = net.attach_eni(eni("vpc-1", &id, &ip, &["sg-open"])).await.unwrap();
                serve(&attached.namespace, at(&ip, 80))
            })
        });
        let mut servers = vec![];
        for task in attach.collect::<Vec<_>>() {
            servers.push(task.await.unwrap());
        }
        for server in servers {
            must_connect(&net, "eni-1", server).await;
        }
        let detach = (1..=30).map(|i| {
            let net = net.clone();
            tokio::spawn(async move { net.detach_eni(&format!("eni-{i}")).await.unwrap() })
        });
        for task in detach.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        net.delete_vpc("vpc-1").await.unwrap();
        net.quiesce().await;
        net.destroy_all().await.unwrap();
        stage
    });
}
