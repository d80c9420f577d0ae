//! Allocation against a model: addresses are the subnet's, never twice the
//! same, and all of them can be had.

use std::collections::{BTreeMap, BTreeSet};

use neargate_store::{Record as _, Store, StoreError};
use proptest::prelude::*;

use super::*;
use crate::ec2::{Cidr, free_addresses};
use neargate_ids::Rng;

const REGION: &str = "us-west-2";

fn store(cidr: &str) -> Store {
    let store = Store::in_memory(crate::tables());
    let subnet = Subnet {
        region: REGION.into(),
        subnet_id: "subnet-1".into(),
        vpc_id: "vpc-1".into(),
        cidr: cidr.parse().unwrap(),
        zone: "us-west-2a".into(),
        default_for_az: false,
        map_public_ip_on_launch: false,
        hostname_type: "ip-name".into(),
        resource_name_dns_a: false,
        enable_dns64: false,
    };
    let group = |id: &str, name: &str, vpc: &str| SecurityGroup {
        region: REGION.into(),
        group_id: id.into(),
        name: name.into(),
        description: String::new(),
        vpc_id: vpc.into(),
    };
    let groups = [
        group("sg-default", "default", "vpc-1"),
        group("sg-app", "app", "vpc-1"),
        group("sg-other", "other", "vpc-2"),
    ];
    write(&store, move |tx| {
        tx.put(subnet);
        groups.into_iter().for_each(|group| tx.put(group));
    });
    store
}

fn write<T: Send + 'static>(
    store: &Store,
    change: impl FnOnce(&mut Tx) -> T + Send + 'static,
) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.write(move |tx| Ok::<T, StoreError>(change(tx)))).unwrap()
}

fn spec() -> InterfaceSpec {
    InterfaceSpec {
        region: REGION.into(),
        subnet_id: "subnet-1".into(),
        ..InterfaceSpec::default()
    }
}

fn allocate(
    store: &Store,
    spec: InterfaceSpec,
    rng: &Rng,
) -> Result<NetworkInterface, AllocateError> {
    let rng = rng.clone();
    write(store, move |tx| allocate_interface(tx, spec, &rng, Timestamp(0)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn addresses_are_the_subnets_and_never_shared(
        seed: u64,
        prefix in 26u8..=28,
        steps in prop::collection::vec(any::<bool>(), 1..120),
    ) {
        let store = store(&format!("10.1.2.0/{prefix}"));
        let cidr: Cidr = format!("10.1.2.0/{prefix}").parse().unwrap();
        let room = cidr.size() - 5;
        let rng = Rng::seeded(seed);
        let mut live: BTreeMap<String, Ipv4Addr> = BTreeMap::new();
        for take in steps {
            if take {
                match allocate(&store, spec(), &rng) {
                    Ok(interface) => {
                        prop_assert!(cidr.contains(interface.private_ip));
                        let index = u32::from(interface.private_ip) - u32::from(cidr.network());
                        prop_assert!((4..cidr.size() - 1).contains(&u64::from(index)));
                        prop_assert!(!live.values().any(|ip| *ip == interface.private_ip));
                        live.insert(interface.interface_id, interface.private_ip);
                    }
                    Err(error) => {
                        prop_assert_eq!(error, AllocateError::NoFreeAddress("subnet-1".into()));
                        prop_assert_eq!(live.len() as u64, room);
                    }
                }
            } else if let Some((id, ip)) = live.pop_first() {
                let gone = write(&store, move |tx| release_interface(tx, REGION, &id));
                prop_assert_eq!(gone.map(|i| i.private_ip), Some(ip));
            }
            let snapshot = store.snapshot();
            let subnet = snapshot.get::<Subnet>(&key(REGION, "subnet-1")).unwrap();
            prop_assert_eq!(free_addresses(&snapshot, &subnet), room - live.len() as u64);
        }
    }

    #[test]
    fn public_addresses_are_never_shared(seed: u64) {
        let (store, rng) = (store("10.0.0.0/16"), Rng::seeded(seed));
        let mut seen = BTreeSet::new();
        for _ in 0..20 {
            let with = InterfaceSpec { assign_public_ip: true, ..spec() };
            let interface = allocate(&store, with, &rng).unwrap();
            prop_assert!(seen.insert(interface.public.unwrap().ip));
        }
    }
}

#[test]
fn an_address_asked_for_is_had_once() {
    let (store, rng) = (store("10.1.2.0/24"), Rng::seeded(1));
    let at = |last| InterfaceSpec { private_ip: Some(Ipv4Addr::new(10, 1, 2, last)), ..spec() };
    assert_eq!(allocate(&store, at(10), &rng).unwrap().private_ip, Ipv4Addr::new(10, 1, 2, 10));
    let in_use = AllocateError::AddressInUse(Ipv4Addr::new(10, 1, 2, 10));
    assert_eq!(allocate(&store, at(10), &rng), Err(in_use));
    for reserved in [0, 1, 2, 3, 255] {
        let refused = AllocateError::AddressReserved(Ipv4Addr::new(10, 1, 2, reserved));
        assert_eq!(allocate(&store, at(reserved), &rng), Err(refused));
    }
    let outside = InterfaceSpec { private_ip: Some(Ipv4Addr::new(10, 1, 3, 9)), ..spec() };
    assert!(matches!(allocate(&store, outside, &rng), Err(AllocateError::AddressOutside { .. })));
}

#[test]
fn groups_are_there_and_of_the_same_vpc() {
    let (store, rng) = (store("10.1.2.0/24"), Rng::seeded(1));
    let with = |group: &str| InterfaceSpec { security_group_ids: vec![group.into()], ..spec() };
    assert_eq!(allocate(&store, spec(), &rng).unwrap().security_group_ids, ["sg-default"]);
    assert_eq!(allocate(&store, with("sg-app"), &rng).unwrap().security_group_ids, ["sg-app"]);
    assert_eq!(
        allocate(&store, with("sg-gone"), &rng),
        Err(AllocateError::NoGroup("sg-gone".into()))
    );
    assert!(matches!(
        allocate(&store, with("sg-other"), &rng),
        Err(AllocateError::OtherVpc { .. })
    ));
}

#[test]
fn releasing_frees_an_elastic_address() {
    let (store, rng) = (store("10.1.2.0/24"), Rng::seeded(1));
    let interface = allocate(&store, spec(), &rng).unwrap();
    let id = interface.interface_id.clone();
    write(&store, move |tx| {
        tx.put(Address {
            region: REGION.into(),
            allocation_id: "eipalloc-1".into(),
            public_ip: Ipv4Addr::new(203, 0, 113, 7),
            association: Some(crate::ec2::AddressAssociation {
                association_id: "eipassoc-1".into(),
                interface_id: interface.interface_id.clone(),
                private_ip: interface.private_ip,
            }),
        });
        tx.update::<NetworkInterface>(&interface.key(), |i| {
            i.public = Some(PublicIp {
                ip: Ipv4Addr::new(203, 0, 113, 7),
                allocation_id: Some("eipalloc-1".into()),
                association_id: Some("eipassoc-1".into()),
            });
        });
        assert!(release_interface(tx, REGION, &id).is_some());
        assert!(release_interface(tx, REGION, &id).is_none());
    });
    let address = store.snapshot().get::<Address>(&key(REGION, "eipalloc-1")).unwrap();
    assert_eq!(address.association, None);
}
