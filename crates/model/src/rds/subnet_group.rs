//! A subnet group: where in a VPC databases may be.

use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::key;
use crate::Tags;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetGroup {
    pub region: String,
    /// Lower case.
    pub name: String,
    pub arn: String,
    pub description: String,
    pub vpc_id: String,
    pub subnet_ids: Vec<String>,
    pub tags: Tags,
}

impl Record for SubnetGroup {
    const TABLE: &'static str = "rds-subnet-groups";

    fn key(&self) -> String {
        key(&self.region, &self.name)
    }
}
