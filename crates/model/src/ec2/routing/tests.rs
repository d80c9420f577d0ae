//! A VPC with a public and a private subnet, changed step by step.

use neargate_ids::Timestamp;
use neargate_store::{Store, StoreError, Tx};

use super::*;
use crate::ec2::{
    CidrAssociation, InterfaceSpec, NatAddress, Route, RouteOrigin, TableAssociation,
    allocate_interface,
};

const REGION: &str = "us-west-2";

fn write(store: &Store, change: impl FnOnce(&mut Tx) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let done = runtime.block_on(store.write(move |tx| {
        change(tx);
        Ok::<(), StoreError>(())
    }));
    done.unwrap();
}

fn vpc() -> Vpc {
    let cidr = "10.0.0.0/16".parse().unwrap();
    Vpc {
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        cidrs: vec![CidrAssociation { association_id: "a".into(), cidr }],
        instance_tenancy: "default".into(),
        is_default: false,
        dhcp_options_id: "default".into(),
        enable_dns_support: true,
        enable_dns_hostnames: true,
        enable_network_address_usage_metrics: false,
    }
}

fn subnet(id: &str, cidr: &str) -> Subnet {
    Subnet {
        region: REGION.into(),
        subnet_id: id.into(),
        vpc_id: "vpc-1".into(),
        cidr: cidr.parse().unwrap(),
        zone: "us-west-2a".into(),
        default_for_az: false,
        map_public_ip_on_launch: false,
        hostname_type: "ip-name".into(),
        resource_name_dns_a: false,
        enable_dns64: false,
    }
}

fn table(id: &str, subnet: Option<&str>, routes: &[(&str, RouteTarget)]) -> RouteTable {
    let routes = routes.iter().map(|(destination, target)| Route {
        destination: (*destination).into(),
        target: target.clone(),
        origin: RouteOrigin::CreateRoute,
    });
    RouteTable {
        region: REGION.into(),
        route_table_id: id.into(),
        vpc_id: "vpc-1".into(),
        routes: routes.collect(),
        associations: vec![TableAssociation {
            association_id: format!("rtbassoc-{id}"),
            subnet_id: subnet.map(str::to_owned),
        }],
        client_token: None,
    }
}

fn network() -> Store {
    let store = Store::in_memory(crate::tables());
    write(&store, |tx| {
        tx.put(vpc());
        tx.put(subnet("subnet-public", "10.0.1.0/24"));
        tx.put(subnet("subnet-private", "10.0.2.0/24"));
        tx.put(table("rtb-main", None, &[]));
    });
    store
}

fn internet_of(store: &Store, subnet: &str, public: bool) -> Internet {
    reach(&store.snapshot(), REGION, subnet, public).unwrap().internet
}

fn reason(store: &Store, subnet: &str, public: bool) -> String {
    match internet_of(store, subnet, public) {
        Internet::None { reason } => reason,
        other => panic!("{other:?}"),
    }
}

fn endpoint(id: &str, kind: EndpointKind, service: &str) -> VpcEndpoint {
    VpcEndpoint {
        region: REGION.into(),
        endpoint_id: id.into(),
        kind,
        vpc_id: "vpc-1".into(),
        service_name: format!("com.amazonaws.{REGION}.{service}"),
        state: EndpointState::Available,
        policy: None,
        route_table_ids: Vec::new(),
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        interface_ids: Vec::new(),
        private_dns_enabled: false,
        dns_suffix: "abcdefgh".into(),
        created_at: Timestamp(0),
        client_token: None,
    }
}

#[test]
fn the_way_out_is_built_step_by_step() {
    let store = network();
    assert_eq!(reason(&store, "subnet-public", true), "rtb-main has no route to the internet");

    let igw = RouteTarget::InternetGateway("igw-1".into());
    write(&store, move |tx| {
        tx.put(table("rtb-public", Some("subnet-public"), &[("0.0.0.0/0", igw)]));
    });
    assert!(reason(&store, "subnet-public", true).contains("igw-1"));
    write(&store, |tx| {
        tx.put(InternetGateway {
            region: REGION.into(),
            gateway_id: "igw-1".into(),
            vpc_id: Some("vpc-1".into()),
        });
    });
    let through = Internet::Gateway { gateway_id: "igw-1".into() };
    assert_eq!(internet_of(&store, "subnet-public", true), through);
    assert!(reason(&store, "subnet-public", false).contains("needs a public IP address"));

    let nat = RouteTarget::NatGateway("nat-1".into());
    write(&store, move |tx| {
        tx.put(table("rtb-private", Some("subnet-private"), &[("0.0.0.0/0", nat)]));
    });
    assert!(reason(&store, "subnet-private", false).contains("nat-1"));
    let public_ip = Ipv4Addr::new(203, 0, 113, 9);
    write(&store, move |tx| {
        tx.put(NatGateway {
            region: REGION.into(),
            nat_gateway_id: "nat-1".into(),
            vpc_id: "vpc-1".into(),
            subnet_id: "subnet-public".into(),
            state: NatState::Available,
            public: true,
            addresses: vec![NatAddress {
                interface_id: "eni-1".into(),
                private_ip: Ipv4Addr::new(10, 0, 1, 9),
                public_ip: Some(public_ip),
                allocation_id: None,
                association_id: None,
            }],
            created_at: Timestamp(0),
            deleted_at: None,
            failure: None,
            client_token: None,
        });
    });
    let through = Internet::Nat { nat_gateway_id: "nat-1".into(), public_ip };
    assert_eq!(internet_of(&store, "subnet-private", false), through);

    write(&store, |tx| {
        tx.update::<InternetGateway>("us-west-2/igw-1", |gateway| gateway.vpc_id = None);
    });
    assert!(reason(&store, "subnet-private", false).contains("subnet-public"));
    assert_eq!(reach(&store.snapshot(), REGION, "subnet-gone", true), None);

    let interface = RouteTarget::NetworkInterface("eni-7".into());
    write(&store, move |tx| {
        tx.put(table("rtb-private", Some("subnet-private"), &[("0.0.0.0/0", interface)]));
    });
    assert_eq!(
        reason(&store, "subnet-private", false),
        "the default route of rtb-private is to eni-7, which passes nothing on"
    );
}

#[test]
fn the_longest_prefix_wins() {
    let store = network();
    let nat = RouteTarget::NatGateway("nat-1".into());
    let igw = RouteTarget::InternetGateway("igw-1".into());
    let routes = [("0.0.0.0/0", igw.clone()), ("172.16.0.0/12", nat.clone())];
    let table = table("rtb-1", None, &routes);
    let snapshot = store.snapshot();
    let hop = |a, b, c, d| next_hop(&snapshot, &table, Ipv4Addr::new(a, b, c, d));
    assert_eq!(hop(10, 0, 200, 1), Hop::Local);
    assert_eq!(hop(172, 20, 0, 1), Hop::To(nat));
    assert_eq!(hop(8, 8, 8, 8), Hop::To(igw));
}

#[test]
fn endpoints_are_reached_by_route_or_by_name() {
    let store = network();
    write(&store, |tx| {
        let spec = InterfaceSpec {
            region: REGION.into(),
            subnet_id: "subnet-private".into(),
            ..InterfaceSpec::default()
        };
        let rng = neargate_ids::Rng::seeded(1);
        let interface = allocate_interface(tx, spec, &rng, Timestamp(0)).unwrap();
        tx.put(VpcEndpoint {
            route_table_ids: vec!["rtb-main".into()],
            ..endpoint("vpce-s3", EndpointKind::Gateway, "s3")
        });
        tx.put(VpcEndpoint {
            interface_ids: vec![interface.interface_id],
            private_dns_enabled: true,
            ..endpoint("vpce-ecr", EndpointKind::Interface, "ecr.api")
        });
    });
    let snapshot = store.snapshot();
    let reached = reach(&snapshot, REGION, "subnet-public", false).unwrap().endpoints;
    let shown: Vec<_> = reached
        .iter()
        .map(|e| (e.service.as_str(), e.addresses.len(), e.private_dns_name.as_deref()))
        .collect();
    let ecr = Some("api.ecr.us-west-2.amazonaws.com");
    assert_eq!(shown, [("s3", 0, None), ("ecr.api", 1, ecr)]);

    let main = snapshot.get::<RouteTable>("us-west-2/rtb-main").unwrap();
    let s3 = prefix_lists(REGION).iter().find(|l| l.name.ends_with(".s3")).unwrap().cidrs[0];
    let hop = next_hop(&snapshot, &main, s3.nth(1).unwrap());
    assert_eq!(hop, Hop::Endpoint("vpce-s3".into()));
}
