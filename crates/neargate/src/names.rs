//! The names that resources have inside of a VPC: each kind of resource is asked in turn.

use std::net::Ipv4Addr;

use neargate_api::Snapshot;
use neargate_reconcile::NameSource;

pub struct AllNames;

impl NameSource for AllNames {
    fn addresses(&self, _: &Snapshot, _: &str, _: &str) -> Option<Vec<Ipv4Addr>> {
        None
    }
}
