//! The names that resources have inside of a VPC: each kind of resource is asked in turn.

use std::net::Ipv4Addr;

use neargate_api::Snapshot;
use neargate_reconcile::NameSource;

pub struct AllNames;

impl NameSource for AllNames {
    fn addresses(&self, snapshot: &Snapshot, vpc_id: &str, name: &str) -> Option<Vec<Ipv4Addr>> {
        neargate_balancers::addresses(snapshot, vpc_id, name)
            .or_else(|| neargate_model::rds::addresses(snapshot, vpc_id, name))
            .or_else(|| neargate_model::ec2::private_name::addresses(snapshot, vpc_id, name))
    }
}
