//! Names inside a VPC: what our own resources are called, told from the store.

use std::net::Ipv4Addr;
use std::sync::Arc;

use neargate_api::{Cloud, Snapshot};
use neargate_net::dns::{Answer, Kind, Question, Resolver};

/// Seconds that an answer may be kept: AWS's own names have 60, but things move faster here.
const TTL_SECS: u32 = 5;

/// Who knows the addresses of our resources' names.
pub trait NameSource: Send + Sync + 'static {
    /// The addresses of a name as seen inside of a VPC; `None` for a name that is not ours.
    fn addresses(&self, snapshot: &Snapshot, vpc_id: &str, name: &str) -> Option<Vec<Ipv4Addr>>;
}

/// The resolver that answers from the present state of the store.
pub fn resolver(cloud: Arc<Cloud>, names: Arc<dyn NameSource>) -> Arc<dyn Resolver> {
    Arc::new(move |question: Question<'_>| {
        let snapshot = cloud.store.snapshot();
        match names.addresses(&snapshot, question.vpc_id, question.name) {
            None => Answer::NotMine,
            Some(addresses) if addresses.is_empty() => Answer::NoSuchName,
            Some(addresses) if question.kind == Kind::A => Answer::addresses(TTL_SECS, addresses),
            Some(_) => Answer::Records(Vec::new()),
        }
    })
}
