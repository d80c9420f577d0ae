//! The tags of the network's resources, in a table of their own: EC2 has one
//! set of tagging calls for all of them, told apart by the id alone.

use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::key;
use crate::Tags;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tagging {
    pub region: String,
    pub resource_id: String,
    /// `vpc`, `subnet`, `network-interface`, … as DescribeTags shows it.
    pub resource_type: String,
    pub tags: Tags,
}

impl Record for Tagging {
    const TABLE: &'static str = "ec2-tags";

    fn key(&self) -> String {
        key(&self.region, &self.resource_id)
    }
}

/// The tags of a resource; none when it never had any.
pub fn tags_of(snapshot: &Snapshot, region: &str, resource_id: &str) -> Tags {
    let tagging = snapshot.get::<Tagging>(&key(region, resource_id));
    tagging.map(|tagging| tagging.tags.clone()).unwrap_or_default()
}
