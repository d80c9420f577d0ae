//! What exists right now, for whoever needs a socket or asks who may go out:
//! read by many threads, written by the worker.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::namespace::Namespace;
use crate::spec::{Egress, EniSpec, Place};

#[derive(Default)]
pub(crate) struct Places(RwLock<Tables>);

#[derive(Default)]
struct Tables {
    routers: HashMap<String, Namespace>,
    enis: HashMap<String, Namespace>,
    /// By VPC and address; two VPCs may have the same addresses.
    egress: HashMap<String, HashMap<Ipv4Addr, Egress>>,
}

impl Places {
    pub fn find(&self, place: Place<'_>) -> Option<Namespace> {
        let tables = self.read();
        match place {
            Place::Eni(id) => tables.enis.get(id).cloned(),
            Place::Router(id) => tables.routers.get(id).cloned(),
        }
    }

    pub fn egress(&self, vpc_id: &str, ip: Ipv4Addr) -> Egress {
        let tables = self.read();
        tables.egress.get(vpc_id).and_then(|vpc| vpc.get(&ip)).copied().unwrap_or(Egress::None)
    }

    pub fn put_router(&self, vpc_id: &str, namespace: Namespace) {
        self.write().routers.insert(vpc_id.to_owned(), namespace);
    }

    pub fn remove_router(&self, vpc_id: &str) {
        let mut tables = self.write();
        tables.routers.remove(vpc_id);
        tables.egress.remove(vpc_id);
    }

    pub fn put_eni(&self, spec: &EniSpec, namespace: Namespace) {
        self.write().enis.insert(spec.eni_id.clone(), namespace);
        self.set_egress(spec);
    }

    pub fn set_egress(&self, spec: &EniSpec) {
        let mut tables = self.write();
        tables.egress.entry(spec.vpc_id.clone()).or_default().insert(spec.ip, spec.egress);
    }

    pub fn remove_eni(&self, spec: &EniSpec) {
        let mut tables = self.write();
        tables.enis.remove(&spec.eni_id);
        if let Some(vpc) = tables.egress.get_mut(&spec.vpc_id) {
            vpc.remove(&spec.ip);
        }
    }

    // Each change leaves the maps whole, so a panic elsewhere poisons nothing.
    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
